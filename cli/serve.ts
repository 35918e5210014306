/** `deno task serve --models DIR` @module */
import { Command, InvalidArgumentError } from "commander";
import { OptionsRefused } from "../core/mod.ts";
import type { KeyScope } from "../server/mod.ts";
import { exit } from "./exit.ts";
import { atLeastOne, bytes, list, wholeNumber } from "./settings.ts";

interface ServeSettings {
  readonly models: string;
  readonly state?: string;
  readonly address: string;
  readonly port: number;
  readonly queue: number;
  readonly allowFolder: readonly string[];
  readonly memory: number;
  readonly scanSize: number;
  readonly uploadSize: number;
  readonly batchScans: number;
  readonly points: number;
  readonly timeout: number;
  readonly rate: number;
  readonly keepDays?: number;
  readonly keepResults?: number;
  readonly seed: number;
  readonly download: boolean;
  readonly addKey?: string;
  readonly scopes: string;
}

const SCOPES = ["score", "train", "admin"] as const;

/** The verb `serve`. */
export function serve(signal: AbortSignal, finish: (code: number) => void): Command {
  return new Command("serve")
    .description("Score over HTTP, with a page, jobs and a history")
    .requiredOption("--models <folder>", "folder of models; `fit --model FOLDER/NAME` writes one")
    .option("--state <folder>", "results, jobs and keys; MODELS/.server when left out")
    .option("--address <ip>", "what to bind to; other than 127.0.0.1 it takes keys", "127.0.0.1")
    .option("--port <n>", "port; 0: any that is free", portNumber, 8080)
    .option("--queue <n>", "scans that may wait for their answer", wholeNumber, 64)
    .option("--allow-folder <folder>", "requests may name folders below this one; can be given again", another, [])
    .option("--memory <size>", "of the GPU, for models that stay loaded, and of a fit", bytes, 4 * 2 ** 30)
    .option("--scan-size <size>", "largest scan's file", bytes, 128 * 2 ** 20)
    .option("--upload-size <size>", "largest batch or archive; it may unpack to ten times as much", bytes, 2 ** 30)
    .option("--batch-scans <n>", "most scans of a batch", atLeastOne, 10_000)
    .option("--points <n>", "most points of a scan", atLeastOne, 20_000_000)
    .option("--timeout <seconds>", "for the answer to a scan, waiting included", atLeastOne, 120)
    .option("--rate <n>", "requests a minute and key", atLeastOne, 6000)
    .option("--keep-days <n>", "results are kept so long; judged ones stay", atLeastOne)
    .option("--keep-results <n>", "so many results are kept; judged ones stay", atLeastOne)
    .option("--seed <n>", "every random choice comes from it", wholeNumber, 0)
    .option("--no-download", "never bring a driver from the network")
    .option("--add-key <name>", "make an API key, print it, and end")
    .option("--scopes <list>", `of the new key: ${SCOPES.join(", ")}`, "score")
    .action(async (settings: ServeSettings) => {
      const state = settings.state ?? `${settings.models}/.server`;
      const { addKey, openServer, openServerWords } = await import("../server/mod.ts");
      if (settings.addKey !== undefined) {
        console.log(addKey(state, { name: settings.addKey, scopes: scopesOf(settings.scopes) }));
        return finish(exit.ok);
      }
      const { log, lines } = openServerWords();
      const { models, address, port, queue, memory, seed, download, allowFolder: folders } = settings;
      const server = await openServer({
        models,
        state,
        address,
        port,
        queue,
        folders,
        memoryBytes: memory,
        seed,
        download,
        keep: { days: settings.keepDays, count: settings.keepResults },
        limits: {
          scanBytes: settings.scanSize,
          uploadBytes: settings.uploadSize,
          batchScans: settings.batchScans,
          points: settings.points,
          answerMs: 1000 * settings.timeout,
          stallMs: STALL_MS,
          perMinute: settings.rate,
        },
        log,
        lines,
      });
      log.info(`listening at ${server.url}`);
      const stopped = new Promise<boolean>((stop) => {
        let asked = false;
        const end = () => {
          if (asked) Deno.exit(exit.interrupted); // who asks twice does not wait
          asked = true;
          stop(true);
        };
        if (signal.aborted) end();
        signal.addEventListener("abort", end, { once: true });
        Deno.addSignalListener("SIGTERM", end);
      });
      if (!await Promise.race([stopped, server.finished.then(() => false)])) {
        log.warn("the socket was closed from outside: ending");
        return finish(exit.fault);
      }
      log.info("shutting down: scans that wait get their answer, jobs go on at the next start");
      await server.end();
      finish(exit.ok);
    });
}

/** A body of which no byte came for so long is given up. */
const STALL_MS = 30_000;

const another = (folder: string, before: readonly string[]): readonly string[] => [...before, folder];

function portNumber(text: string): number {
  const value = wholeNumber(text);
  if (value > 65_535) throw new InvalidArgumentError("It has to be from 0 to 65535.");
  return value;
}

function scopesOf(text: string): KeyScope[] {
  const scopes = list(text), known = (scope: string): scope is KeyScope => SCOPES.some((one) => one === scope);
  if (scopes.length > 0 && scopes.every(known)) return scopes;
  throw new OptionsRefused("serve", [{ path: "scopes", message: `one or more of ${SCOPES.join(", ")}` }]);
}
