/** Opening the service: store, worker, jobs, routes, the port; and closing it in the order that loses nothing. @module */
import { type Log, OptionsRefused } from "../core/mod.ts";
import { provideFolder } from "../host/mod.ts";
import { serverApp } from "./app.ts";
import { batchWork } from "./batch_work.ts";
import { KeysWanted } from "./errors.ts";
import { fitWork } from "./fit_work.ts";
import { isLoopback } from "./guard/origin.ts";
import { jobRunner } from "./job_runner.ts";
import { serverMetrics } from "./metrics.ts";
import { type Answering, listen, type Listening } from "./listen.ts";
import { mendModels } from "./mend_models.ts";
import { modelShelf } from "./model_shelf.ts";
import type { ServerLog } from "./request_log.ts";
import { openScorer, type OpenScorerOptions, type Scorer } from "./scoring/scorer.ts";
import { scoringQueue } from "./scoring_queue.ts";
import type { Limits, Service } from "./service.ts";
import { openStore } from "./store/store.ts";
import { type Keep, keepTidy } from "./tidy.ts";
import { dropStrayUploads, dropUploads } from "./uploads.ts";

/** How the service is opened. */
export interface ServerOptions {
  /** Most bytes of models that stay on the GPU, and of a fit. */
  readonly memoryBytes: number;
  /** Every random choice comes from it; 0 where absent. */
  readonly seed?: number;
  /** Whether a driver may be downloaded where there is none. */
  readonly download?: boolean;
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
  /** How long results are kept. */
  readonly keep: Keep;
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
  /**
   * Closes all but the thread that owns the GPU, for a process that ends now: that thread's end takes its time, and drivers that are taken
   * down while their process exits have crashed it.
   */
  end(): Promise<void>;
}

/** Milliseconds that a reader who takes nothing may hold the end up. */
const GOODBYE_MS = 5000;

/**
 * Opens it all and listens. @throws {KeysWanted} where other machines could reach it and there is no key @throws {CarriedError} where
 * there is no GPU @throws {OptionsRefused} where an address or a folder can't be had @throws {StoreRefused} @throws {StoreUnwritable} @throws {OutputUnwritable}
 */
export const openServer = (options: ServerOptions): Promise<OpenServer> => openServerOver(options, openScorer);

/** As {@linkcode openServer}, over what scores as `open` opens it. */
export async function openServerOver(
  options: ServerOptions,
  open: (options: OpenScorerOptions) => Promise<Scorer>,
): Promise<OpenServer> {
  const { models, state, address, port, limits, log, lines, memoryBytes, seed, download } = options;
  await provideFolder(models);
  const folder = await Deno.realPath(models), roots = await Promise.all(options.folders.map(rootOf));
  await using owned = new AsyncDisposableStack();
  const store = owned.use(openStore(`${state}/server.sqlite`));
  const uploads = `${await Deno.realPath(state)}/uploads`, loopback = isLoopback(address);
  if (!loopback && store.keys.count() === 0) throw new KeysWanted(address);
  const keysNeeded = store.keys.count() > 0;
  await dropStrayUploads(uploads, store);
  await mendModels(folder, log);
  const again = store.jobs.recover();
  if (again > 0) log.info(`${again} jobs go on that a stop had interrupted`);

  const leave = { scorer: false }, scorer = await open({ models: folder, memoryBytes, seed, download, log });
  owned.defer(() => leave.scorer ? undefined : scorer[Symbol.asyncDispose]());
  const metrics = serverMetrics(), queue = scoringQueue({ most: options.queue, log });
  const shelf = modelShelf(folder, store, scorer, log);
  const jobs = jobRunner(store, {
    batch: batchWork({ store, scorer, queue, shelf, metrics, points: limits.points, log }),
    fit: fitWork({
      store,
      scorer,
      models: folder,
      memoryBytes,
      unpackedBytes: 10 * limits.uploadBytes,
      seed,
      download,
      log,
    }),
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
  owned.use(keepTidy(store, options.keep, log));

  const app = serverApp(service, lines, { loopback });
  const inHand = new Set<Promise<Response>>();
  const http = await listening(address, port, (request) => {
    const response: Promise<Response> = Promise.resolve(app.fetch(request)).finally(() => inHand.delete(response));
    inHand.add(response);
    return response;
  });
  jobs.wake();
  const kept = owned.move();
  const close = async () => {
    closing = true;
    const answered = queue.close(); // from here on nothing new is taken
    await jobs.close(); // gives the GPU to those who wait for an answer, and lets readers of events go
    await answered;
    await http.close(GOODBYE_MS);
    await Promise.allSettled(inHand); // work for those who are gone, which uses the store
    await scorer.drawn(); // views are kept when they are drawn
    await kept.disposeAsync();
  };
  let closed: Promise<void> | undefined;
  return {
    url: http.url,
    finished: http.finished,
    end() {
      leave.scorer = true;
      return closed ??= close();
    },
    [Symbol.asyncDispose]: () => closed ??= close(),
  };
}

/** Listens. @throws {OptionsRefused} where another program has the port, or the address isn't this machine's */
async function listening(address: string, port: number, answer: Answering): Promise<Listening> {
  try {
    return await listen(address, port, answer);
  } catch (cause) {
    const message = `cannot listen at ${address}:${port}: ${cause instanceof Error ? cause.message : cause}`;
    throw new OptionsRefused("serve", [{ path: "port", message }]);
  }
}

/** The real path of a folder that requests may name. @throws {OptionsRefused} where there is none */
async function rootOf(folder: string): Promise<string> {
  const real = await Deno.realPath(folder).catch(() => undefined);
  if (real === undefined) {
    throw new OptionsRefused("serve", [{ path: "allow-folder", message: `there is no ${folder}` }]);
  }
  return real;
}
