/** Deno's own commands, as tests call them. @module */
import { root } from "./project_files.ts";

/** What a command said, and how it ended. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `deno` with these arguments in the checkout, or in `cwd`, without colours and without input. */
export async function runDeno(args: readonly string[], cwd: string | URL = root): Promise<Said> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** A folder that is gone when its owner is. */
export interface TemporaryFolder extends Disposable {
  readonly path: string;
  /** Writes a text file and gives its path. */
  put(name: string, text: string): string;
}

/** Makes a {@linkcode TemporaryFolder}. */
export function temporaryFolder(): TemporaryFolder {
  const path = Deno.makeTempDirSync({ prefix: "uni3dad-test-" });
  return {
    path,
    put(name, text) {
      Deno.writeTextFileSync(`${path}/${name}`, text);
      return `${path}/${name}`;
    },
    [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }),
  };
}
