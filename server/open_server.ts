/** Opening the service: store, worker, jobs, routes, the port; and closing it in the order that loses nothing. @module */
import type { Log } from "../core/mod.ts";
import { provideFolder } from "../host/mod.ts";
import { serverApp } from "./app.ts";
import { batchWork } from "./batch_work.ts";
import { KeysWanted } from "./errors.ts";
import { fitWork } from "./fit_work.ts";
import { isLoopback } from "./guard/origin.ts";
import { jobRunner } from "./job_runner.ts";
import { serverMetrics } from "./metrics.ts";
import { modelShelf } from "./model_shelf.ts";
import type { ServerLog } from "./request_log.ts";
import { openScorer, type OpenScorerOptions } from "./scoring/scorer.ts";
import { scoringQueue } from "./scoring_queue.ts";
import type { Limits, Service } from "./service.ts";
import { openStore } from "./store/store.ts";
import { dropStrayUploads, dropUploads } from "./uploads.ts";

/** How the service is opened. */
export interface ServerOptions extends Pick<OpenScorerOptions, "seed" | "download" | "memoryBytes"> {
  /** Folder of models. */
  readonly models: string;
  /** Folder of everything that outlives a restart. */
  readonly state: string;
  /** Address to bind to. */
  readonly address: string;
  /** Port; 0 for any that is free. */
  readonly port: number;
  /** Scans that may wait for their answer. */
  readonly queue: number;
  /** Folders that requests may name. */
  readonly folders: readonly string[];
  /** What a request may ask for. */
  readonly limits: Limits;
  /** Results older than these days go, and those beyond this count; judged ones stay. */
  readonly keep: { readonly days?: number; readonly count?: number };
  /** Words for who runs it. */
  readonly log: Log;
  /** Lines of requests. */
  readonly lines: ServerLog;
}

/** The open service. */
export interface OpenServer extends AsyncDisposable {
  /** Where it answers. */
  readonly url: string;
  /** Ends when it was closed or its socket failed. */
  readonly finished: Promise<void>;
}

const HOUR_MS = 3_600_000, DAY_MS = 24 * HOUR_MS;

/** Results that go in one step, which holds requests up. */
const REMOVED_AT_ONCE = 100;

/** Answers to idempotent requests are kept for a day, ended jobs for a month. */
const REPLIES_MS = DAY_MS, JOBS_MS = 30 * DAY_MS;

/**
 * Opens it all and listens. @throws {KeysWanted} where other machines could reach it and there is no key @throws {NoAdapter}
 * @throws {StoreRefused} @throws {StoreUnwritable} @throws {OutputUnwritable}
 */
export async function openServer(options: ServerOptions): Promise<OpenServer> {
  const { models, state, address, port, limits, keep, log, lines, memoryBytes, seed } = options;
  await provideFolder(models);
  const folder = await Deno.realPath(models), roots = await Promise.all(options.folders.map((root) => Deno.realPath(root)));
  await using owned = new AsyncDisposableStack();
  const store = owned.use(openStore(`${state}/server.sqlite`));
  const uploads = `${await Deno.realPath(state)}/uploads`, loopback = isLoopback(address);
  if (!loopback && store.keys.count() === 0) throw new KeysWanted(address);
  const keysNeeded = store.keys.count() > 0;
  await dropStrayUploads(uploads, store);
  const again = store.jobs.recover();
  if (again > 0) log.info(`${again} jobs go on that a stop had interrupted`);

  const scorer = owned.use(await openScorer({ models: folder, memoryBytes, seed, download: options.download, log }));
  const metrics = serverMetrics(), queue = scoringQueue({ most: options.queue, log });
  const shelf = modelShelf(folder, store, scorer);
  const jobs = jobRunner(store, {
    batch: batchWork({ store, scorer, queue, shelf, metrics, points: limits.points, log }),
    fit: fitWork({ store, scorer, models: folder, memoryBytes, unpackedBytes: 10 * limits.uploadBytes, seed, log }),
  }, { log, onEnd: dropUploads });

  let closing = false;
  const service: Service = {
    store,
    scorer,
    queue,
    shelf,
    jobs,
    metrics,
    log,
    keysNeeded,
    roots,
    uploads,
    limits,
    closing: () => closing,
  };
  const tidy = () => {
    const removed = store.results.keepOnly({ ...keep, atMost: REMOVED_AT_ONCE });
    if (removed > 0) log.info(`${removed} results were kept as long as wanted, and went`);
    if (removed === REMOVED_AT_ONCE) setTimeout(tidy, 0); // requests come in between
    store.replies.removeBefore(Date.now() - REPLIES_MS);
    store.jobs.removeBefore(Date.now() - JOBS_MS);
  };
  tidy();
  const hourly = setInterval(tidy, HOUR_MS);
  owned.defer(() => clearInterval(hourly));

  const app = serverApp(service, lines, { loopback });
  const http = Deno.serve({ hostname: address, port, onListen: () => {} }, app.fetch);
  jobs.wake();
  const kept = owned.move();
  const { hostname, port: bound } = http.addr;
  return {
    url: `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${bound}`,
    finished: http.finished,
    async [Symbol.asyncDispose]() {
      if (closing) return;
      closing = true;
      await jobs.close(); // gives the GPU to those who wait for an answer
      await queue.close();
      await http.shutdown();
      await kept.disposeAsync();
    },
  };
}
