/** The machine as bringing a driver sees it: what tests replace so that they need neither a network nor root. @module */

/** How a command ended. */
export interface CommandResult {
  /** Whether it ended with exit code 0. */
  readonly ok: boolean;
  /** All that it wrote there, as text. */
  readonly stdout: string;
  /** All that it wrote there, as text. */
  readonly stderr: string;
}

/** Where and with what a command runs. */
export interface CommandOptions {
  /** Working folder; this process's where absent. */
  readonly folder?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Everything but the disk that the steps touch. */
export interface Machine {
  /** As `Deno.build.os` has it, such as `linux`. */
  readonly os: string;
  /** As `Deno.build.arch` has it, such as `x86_64`. */
  readonly arch: string;
  /** True where system packages may be installed. */
  readonly root: boolean;
  /** Where short-lived files may lie. */
  readonly temporaryFolder: string;
  /** The running Deno, for steps that need a second one. */
  readonly deno: string;
  /** A variable of this process's environment, undefined where it is not set. */
  env(name: string): string | undefined;
  /** Seen by native code of this process too, so that the Vulkan loader reads it. */
  setEnv(name: string, value: string): void;
  /** Whether a program of this name is on the search path. */
  hasCommand(name: string): boolean;
  /** Runs a program to its end; one that fails is a result, not an error. */
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
