/** The Python process that runs the peers' side. @module */

/** What Python is asked to do; see `peer.py`. */
export type PeerTask =
  & { readonly task: string }
  & Readonly<Record<string, string | number | readonly string[] | readonly number[]>>;

/** Seconds of a task and one number of its result; or why there are none. */
export type PeerAnswer = { readonly seconds: number; readonly value: number } | { readonly absent: string };

/** A running Python with its libraries loaded, so that no task pays for that. */
export interface Peer extends AsyncDisposable {
  ask(task: PeerTask): Promise<PeerAnswer>;
}

/** Variables that pin OpenBLAS to an old processor, which slows NumPy: they are no part of a fair comparison. */
const SLOWING = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"];

/** Starts Python: `UNI3DAD_PYTHON`, else the system's. All cores are given to it. Undefined where there is none. */
export function startPeer(): Peer | undefined {
  const env = Deno.env.toObject();
  for (const name of SLOWING) delete env[name];
  const command = new Deno.Command(env.UNI3DAD_PYTHON ?? systemPython(), {
    args: ["-B", new URL("./peer.py", import.meta.url).pathname],
    clearEnv: true,
    env: { ...env, OMP_NUM_THREADS: String(navigator.hardwareConcurrency) },
    stdin: "piped",
    stdout: "piped",
  });
  let child: Deno.ChildProcess;
  try {
    child = command.spawn();
  } catch (error) {
    console.error(`no Python (${(error as Error).message}): install python3, or say where it is in UNI3DAD_PYTHON`);
    return undefined;
  }
  const writer = child.stdin.getWriter(), lines = linesOf(child.stdout);
  return {
    async ask(task) {
      await writer.write(new TextEncoder().encode(`${JSON.stringify(task)}\n`));
      const { value: line, done } = await lines.next();
      if (done) return { absent: "Python ended; does it have numpy?" };
      const answer = JSON.parse(line);
      if ("missing" in answer) return { absent: `Python lacks the package ${answer.missing}` };
      return "error" in answer ? { absent: answer.error } : answer;
    },
    async [Symbol.asyncDispose]() {
      await writer.close().catch(() => {}); // it has already ended
      await child.status;
    },
  };
}

/** The distribution's Python has the distribution's packages; another one may stand before it on the path. */
function systemPython(): string {
  try {
    Deno.statSync("/usr/bin/python3");
    return "/usr/bin/python3";
  } catch {
    return "python3";
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  return undefined;
}
