/** The machine as bringing a driver sees it: what tests replace so that they need neither a network nor root. @module */

/** How a command ended. */
export interface CommandResult {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and with what a command runs. */
export interface CommandOptions {
  readonly folder?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Everything but the disk that the steps touch. */
export interface Machine {
  readonly os: string;
  readonly arch: string;
  /** True where system packages may be installed. */
  readonly root: boolean;
  readonly temporaryFolder: string;
  /** The running Deno, for steps that need a second one. */
  readonly deno: string;
  env(name: string): string | undefined;
  /** Seen by native code of this process too, so that the Vulkan loader reads it. */
  setEnv(name: string, value: string): void;
  hasCommand(name: string): boolean;
  run(command: string, args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Loads a shared library into this process, by path or by soname. Gives undefined, or why it did not load. */
  load(library: string): string | undefined;
  /** The description of the adapter that a fresh isolate of this process gets, undefined where it gets none. */
  probe(): Promise<string | undefined>;
}

/** The last lines of what a failed command said, on one line. */
export function complaint({ stdout, stderr }: CommandResult): string {
  const lines = (stderr.trim() || stdout.trim()).split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return lines.slice(-3).join("; ") || "it said nothing";
}
