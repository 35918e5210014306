/** The scoring server as tests of its faults call it: in this process, over the real scorer or a stub, or as a process of its own. @module */
import { equal, ok } from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "../core/mod.ts";
import { openServerOver, type ServerOptions } from "../server/open_server.ts";
import type { Job, JobItem } from "../server/schemas/job_schema.ts";
import { openScorer, type OpenScorerOptions, type Scorer } from "../server/scoring/scorer.ts";
import { commandLine, smallDataset, startCommandLine } from "./command_line.ts";
import { type TemporaryFolder, temporaryFolder } from "./run_deno.ts";

/** Milliseconds after which a test gives up waiting. */
export const PATIENCE_MS = 120_000;

/** The quickest method there is: maps of 32 × 32, nothing registered, no calibration. */
const QUICK = [
  "--method=fpfh",
  "--size=32",
  "--folds=0",
  "--set=prepare.clusterPoints=4",
  "--set=extractor.pooling=masked",
  "--set=extractor.cells=8",
];

/** What tests of one file serve. */
export interface Made {
  /** Goes after the last test. */
  readonly folder: TemporaryFolder;
  /** Folder of models with `bagel`. */
  readonly models: string;
  /** Its data set's category. */
  readonly category: string;
  /** A scan that the model has not seen. */
  readonly scan: Uint8Array<ArrayBuffer>;
}

/** One model of a small data set for all tests of a file: made when the first asks, removed after the last. */
export function madeOnce(): () => Promise<Made> {
  const held: { made?: Promise<Made> } = {};
  const make = async (): Promise<Made> => {
    const folder = temporaryFolder(), data = `${folder.path}/data`, models = `${folder.path}/models`;
    await smallDataset(data);
    const args = ["fit", `--data=${data}`, "--category=bagel", `--model=${models}/bagel`, "--quiet", ...QUICK];
    const { code, stderr } = await commandLine(args);
    equal(code, 0, stderr);
    const category = `${data}/bagel`;
    return { folder, models, category, scan: await Deno.readFile(`${category}/test/good/xyz/000.tiff`) };
  };
  Deno.test.afterAll(async () => (await held.made)?.folder[Symbol.dispose]());
  return () => held.made ??= make();
}

/** Waits until something is so. */
export async function waitFor(is: () => boolean | Promise<boolean>): Promise<void> {
  for (const latest = performance.now() + PATIENCE_MS; !await is(); await delay(10)) {
    ok(performance.now() < latest, `not so in time: ${is}`);
  }
}

/** A copy of a folder of files. */
export async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
}

/** A connection that does with HTTP what no client would: `head` are lines of a request, `body` is sent behind them as it is. */
export async function knock(
  url: string,
  head: readonly string[],
  body: Uint8Array = new Uint8Array(),
): Promise<Deno.TcpConn> {
  const { hostname, port, host } = new URL(url), connection = await Deno.connect({ hostname, port: Number(port) });
  const [first, ...lines] = head;
  const bytes = new TextEncoder().encode([`${first} HTTP/1.1`, `Host: ${host}`, ...lines, "", ""].join("\r\n"));
  const all = new Uint8Array([...bytes, ...body]);
  for (let at = 0; at < all.length;) at += await connection.write(all.subarray(at));
  return connection;
}

/** A server's calls. */
export interface Calls {
  /** Where it answers. */
  readonly url: string;
  /** Asks for something. */
  call(path: string, init?: RequestInit): Promise<Response>;
  /** Scores a scan. */
  score(scan: Uint8Array<ArrayBuffer>, init?: RequestInit & { readonly model?: string }): Promise<Response>;
  /** Adds a batch of so many copies of a scan. */
  batch(scan: Uint8Array<ArrayBuffer>, count: number, model?: string): Promise<Job>;
  /** A job as it stands. */
  job(id: string): Promise<Job>;
  /** All items of a job. */
  items(id: string): Promise<JobItem[]>;
  /** The job when it is as it should be. */
  until(id: string, is: (job: Job) => boolean): Promise<Job>;
  /** The job when it has ended. */
  end(id: string): Promise<Job>;
  /** The value of a metric, 0 where it was never counted. */
  metric(name: string): Promise<number>;
}

/** Calls of the server at `url`. */
export function callsOf(url: string): Calls {
  const call = (path: string, init?: RequestInit) => fetch(`${url}${path}`, init);
  const json = async (path: string) => await (await call(path)).json();
  const until = async (id: string, is: (job: Job) => boolean) => {
    for (const latest = performance.now() + PATIENCE_MS;; await delay(20)) {
      const job = await json(`/v1/jobs/${id}`);
      if (is(job)) return job;
      ok(performance.now() < latest, JSON.stringify(job));
    }
  };
  return {
    url,
    call,
    score: (body, { model = "bagel", ...init } = {}) =>
      call(`/v1/models/${model}/score`, { method: "POST", body, ...init }),
    async batch(scan, count, model = "bagel") {
      const body = new FormData();
      for (let i = 0; i < count; i++) body.append("scan", new File([scan], `${i}.tiff`));
      const answer = await call(`/v1/models/${model}/batches`, { method: "POST", body }), job = await answer.json();
      equal(answer.status, 202, JSON.stringify(job));
      return job;
    },
    job: (id) => json(`/v1/jobs/${id}`),
    items: async (id) => (await json(`/v1/jobs/${id}/items?limit=1000`)).items,
    until,
    end: (id) => until(id, ({ state }) => ["done", "failed", "cancelled"].includes(state)),
    async metric(name) {
      const line = (await (await call("/metrics")).text()).split("\n").find((line) => line.startsWith(`${name} `));
      return Number(line?.slice(name.length + 1) ?? 0);
    },
  };
}

/** A server in this process. */
export interface Opened extends Calls, AsyncDisposable {
  /** Warnings and faults. */
  readonly warned: string[];
}

const MiB = 2 ** 20;

/** What tests change of a server's options. */
export type Change = Partial<Omit<ServerOptions, "limits">> & { readonly limits?: Partial<ServerOptions["limits"]> };

/** Opens a server in this process. */
export async function open(
  { models }: Pick<Made, "models">,
  state: string,
  { limits, ...change }: Change = {},
  scorer: (options: OpenScorerOptions) => Promise<Scorer> = openScorer,
): Promise<Opened> {
  const warned: string[] = [], log: Log = { debug() {}, info() {}, warn: (words) => void warned.push(words) };
  const server = await openServerOver({
    models,
    state,
    address: "127.0.0.1",
    port: 0,
    queue: 64,
    folders: [],
    memoryBytes: 2 ** 30,
    download: false,
    keep: {},
    limits: {
      scanBytes: 16 * MiB,
      uploadBytes: 64 * MiB,
      batchScans: 1000,
      points: 2 ** 22,
      answerMs: 60_000,
      stallMs: 500,
      perMinute: 100_000,
      ...limits,
    },
    log,
    lines: { request() {}, fault: (_, error) => void warned.push(String(error)) },
    ...change,
  }, scorer);
  return { ...callsOf(server.url), warned, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** A server that is a process of its own. */
export interface Started extends Calls, AsyncDisposable {
  readonly child: Deno.ChildProcess;
  /** All that it has said. */
  readonly said: { text: string };
}

/** Starts `serve` and waits until it listens. Disposing kills it where it still runs. */
export async function start(models: string, state: string, args: readonly string[] = []): Promise<Started> {
  const child = startCommandLine([
    "serve",
    `--models=${models}`,
    `--state=${state}`,
    "--port=0",
    "--no-download",
    ...args,
  ]);
  const said = { text: "" }, listening = Promise.withResolvers<string>();
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      said.text += text;
      const url = /listening at (http:[^"\s]+)/.exec(said.text)?.[1];
      if (url) listening.resolve(url);
    }
    listening.reject(new Error(`the server ended: ${said.text}`));
  };
  const reading = [read(child.stdout), read(child.stderr)];
  const stop = async () => {
    const running = Symbol(), state = await Promise.race([child.status, Promise.resolve(running)]);
    if (state === running) child.kill("SIGKILL");
    await Promise.all([child.status, ...reading]);
  };
  const timer = setTimeout(() => listening.reject(new Error(`it does not listen: ${said.text}`)), PATIENCE_MS);
  try {
    return { ...callsOf(await listening.promise), child, said, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
