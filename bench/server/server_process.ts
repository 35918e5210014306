/** The server as users start it: a process of its own, by the task, with the permissions that the task names. @module */
import { fileURLToPath } from "node:url";

/** What `/metrics` says of memory. */
export interface ServerMemory {
  /** Bytes of the process. */
  readonly residentBytes: number;
  /** Bytes of buffers on the GPU; on a software adapter a part of the former. */
  readonly gpuBytes: number;
}

/** A running server. */
export interface ServerProcess extends AsyncDisposable {
  /** Where it answers. */
  readonly url: string;
  /** How much memory it takes now. */
  memory(): Promise<ServerMemory>;
  /** Ids of all results whose input's name has this in it, and those names; as long as the history is. */
  results(input: string): Promise<{ readonly id: string; readonly input: string }[]>;
}

/** Milliseconds until it has to listen. */
const PATIENCE = 120_000;

/** Starts `deno task serve` on a free port, with a rate and a time-out that no load meets. @throws {Error} with its words, where it does not listen */
export async function startServer(models: string, state: string): Promise<ServerProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["task", "serve", `--models=${models}`, `--state=${state}`, "--port=0", "--rate=1000000", "--timeout=600"],
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const listening = Promise.withResolvers<string>(), said = { text: "" };
  const timer = setTimeout(() => listening.reject(new Error(`The server does not listen: ${said.text}`)), PATIENCE);
  const hear = async (stream: ReadableStream<Uint8Array>) => {
    for await (const part of stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
      if (said.text.length < 20_000) said.text += part; // its last words matter only before it listens
      const url = /listening at (http:[^"\s]+)/.exec(said.text)?.[1];
      if (url) listening.resolve(url);
    }
  };
  const heard = Promise.all([hear(child.stdout), hear(child.stderr)]).then(() =>
    listening.reject(new Error(`The server ended: ${said.text}`))
  );
  const stop = async () => {
    child.kill("SIGTERM");
    await Promise.all([child.status, heard]);
  };
  try {
    const url = await listening.promise;
    return { url, memory: () => memoryOf(url), results: (input) => resultsOf(url, input), [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function memoryOf(url: string): Promise<ServerMemory> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)`, "m").exec(text)?.[1]);
  return { residentBytes: value("uni3dad_resident_memory_bytes"), gpuBytes: value("uni3dad_gpu_memory_bytes") };
}

async function resultsOf(url: string, input: string) {
  const all: { readonly id: string; readonly input: string }[] = [];
  for (let after: string | null = ""; after !== null;) {
    const query = new URLSearchParams({ input, limit: "500", ...(after === "" ? {} : { after }) });
    const page: { results: typeof all; next: string | null } = await (await fetch(`${url}/v1/results?${query}`)).json();
    all.push(...page.results);
    after = page.next;
  }
  return all;
}
