/** Words of a part of a longer piece of work. @module */
import type { Run } from "../core/mod.ts";
import type { OpenRun } from "./open_run.ts";

/** The run as it is now, its words and its progress under a name: to be taken again after the GPU was opened anew. */
export function namedRun(name: string, { log, progress, ...run }: OpenRun): Run {
  return {
    ...run,
    log: {
      debug: (message) => log.debug(`${name}: ${message}`),
      info: (message) => log.info(`${name}: ${message}`),
      warn: (message) => log.warn(`${name}: ${message}`),
    },
    progress: (task, done, total) => progress(`${name}: ${task}`, done, total),
  };
}
