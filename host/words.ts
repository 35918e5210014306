/** Words and bars for people, on stderr. @module */
import { configureSync, getLogger } from "@logtape/logtape";
import process from "node:process";
import cliProgress from "cli-progress";
import type { Log, Progress } from "../core/mod.ts";

/** What people see while the program works. */
export interface Words extends Disposable {
  /** Sentences on stderr, as many as the loudness lets through. */
  readonly log: Log;
  /** Draws the bar, or says a line when a task ends. */
  readonly progress: Progress;
}

/** How much is said. */
export type Loudness = "quiet" | "normal" | "verbose";

const encoder = new TextEncoder();

/** Sets up log and progress on stderr; a bar on a terminal, a line a task elsewhere. */
export function openWords(loudness: Loudness): Words {
  const terminal = Deno.stderr.isTerminal();
  const bar = terminal && loudness !== "quiet" ? new Bar() : undefined;
  configureSync({
    reset: true,
    sinks: {
      stderr: (record) => {
        bar?.clear();
        const label = record.level === "warning" ? "warning: " : "";
        Deno.stderr.writeSync(encoder.encode(`${label}${record.message.map(String).join("")}\n`));
      },
    },
    loggers: [
      {
        category: "uni3dad",
        lowestLevel: loudness === "quiet" ? "warning" : loudness === "verbose" ? "debug" : "info",
        sinks: ["stderr"],
      },
      { category: ["logtape", "meta"], sinks: [] },
    ],
  });
  const logger = getLogger("uni3dad");
  const log: Log = {
    debug: (message) => logger.debug("{message}", { message }),
    info: (message) => logger.info("{message}", { message }),
    warn: (message) => logger.warn("{message}", { message }),
  };
  return { log, progress: bar ? bar.update.bind(bar) : lineProgress(log), [Symbol.dispose]: () => bar?.clear() };
}

/** One line when a task ends, where there is no terminal to draw on. */
function lineProgress(log: Log): Progress {
  const said = new Set<string>();
  return (task, done, total) => {
    if (total === 0 || done < total || said.has(task)) return;
    said.add(task);
    log.info(`${task}: ${total} of ${total}`);
  };
}

/** One bar at a time; another task takes its place. */
class Bar {
  #bar: cliProgress.SingleBar | undefined;
  #task = "";

  update(task: string, done: number, total: number): void {
    if (this.#task !== task || !this.#bar) {
      this.clear();
      this.#task = task;
      this.#bar = new cliProgress.SingleBar({
        format: "{task} [{bar}] {value}/{total}, {eta_formatted} left",
        stream: process.stderr,
        hideCursor: true,
        clearOnComplete: true,
      }, cliProgress.Presets.shades_classic);
      this.#bar.start(Math.max(1, total), done, { task });
    }
    this.#bar.update(done);
    if (done >= total) this.clear();
  }

  clear(): void {
    this.#bar?.stop();
    this.#bar = undefined;
    this.#task = "";
  }
}
