/** Pictures of judged scans, drawn in a thread of their own. @module */
import { released } from "./carried.ts";
import type { FromRendering, RenderJob, ToRendering } from "./rendering_messages.ts";
import type { Drawn } from "./scoring_messages.ts";
import { openLink, type WorkerLink } from "./worker_link.ts";

/** Draws one scan after the other. Disposing ends its thread. */
export interface Renderer extends Disposable {
  /** Files of a judged scan. */
  render(job: RenderJob): Promise<Drawn>;
  /** Ends when few enough scans wait to be drawn that the next may be judged: what waits takes memory. */
  hasRoom(): Promise<void>;
}

/** Scans that wait to be drawn or are being drawn. */
const MOST_WAITING = 3;

/** A renderer; its thread starts with the first scan. */
export function openRenderer(): Renderer {
  const waiting = new Map<number, PromiseWithResolvers<Drawn>>();
  let link: WorkerLink<ToRendering> | undefined, last = 0;
  const start = () =>
    openLink<ToRendering, FromRendering>(new URL("./rendering_worker.ts", import.meta.url), {
      onMessage: (answer) => {
        const one = waiting.get(answer.id);
        waiting.delete(answer.id);
        if ("error" in answer) one?.reject(released(answer.error));
        else one?.resolve(answer);
      },
      onLost: (problem) => {
        link = undefined; // the next scan starts another one
        for (const one of waiting.values()) {
          one.reject(new Error(`Cannot draw: the thread that draws ended (${problem})`));
        }
        waiting.clear();
      },
    });
  return {
    render(job) {
      const id = ++last, one = Promise.withResolvers<Drawn>();
      waiting.set(id, one);
      (link ??= start()).post({ id, job });
      return one.promise;
    },
    async hasRoom() {
      while (waiting.size >= MOST_WAITING) {
        await Promise.race(waiting.values().map(({ promise }) => promise)).catch(() => {}); // who asked for it hears of it
      }
    },
    [Symbol.dispose]: () => link?.[Symbol.dispose](),
  };
}
