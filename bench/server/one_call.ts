/** What the server costs over the library: the same scans by a request and by a call, in turn, on the same machine. @module */
import { detectScan } from "../../core/mod.ts";
import { fileScans, openModel, openRun } from "../../host/mod.ts";
import type { ServerProcess } from "./server_process.ts";

/** Milliseconds of each turn. */
export interface Turns {
  /** Requests, from before they are sent until the answer is here. */
  readonly server: readonly number[];
  /** Calls, from the file to the decision. */
  readonly library: readonly number[];
}

/** Milliseconds between two looks for a view, and how long it is waited for. */
const LOOK = 50, PATIENCE = 60_000;

/**
 * Lets a request and a call take turns, `turns` of each after one that is not counted. The next turn waits until the server has drawn the
 * result's view, which it does after the answer: else it would take the call's processor.
 */
export async function oneCall(
  { url }: ServerProcess,
  { folder, model: name, files, turns }: {
    readonly folder: string;
    readonly model: string;
    readonly files: readonly string[];
    readonly turns: number;
  },
): Promise<Turns> {
  using run = await openRun();
  using handle = await openModel(`${folder}/${name}`, run);
  const server: number[] = [], library: number[] = [];
  for (let turn = -1; turn < turns; turn++) {
    const file = files[Math.max(0, turn) % files.length];
    const body = await Deno.readFile(file), sent = performance.now();
    const answer = await fetch(`${url}/v1/models/${name}/score?name=turn-${turn}`, { method: "POST", body });
    const document = await answer.json(), came = performance.now();
    if (!answer.ok) throw new Error(`The server refused ${file}: ${JSON.stringify(document)}`);
    await drawn(url + document.scans[0].files.view);
    const called = performance.now(), [scan] = fileScans([file]);
    const { result } = await detectScan(handle.model, await scan.load(), {}, run), done = performance.now();
    if (result.score !== document.scans[0].score) {
      throw new Error(`${file}: ${document.scans[0].score} by the server, ${result.score} by the call`);
    }
    if (turn < 0) continue;
    server.push(came - sent);
    library.push(done - called);
  }
  return { server, library };
}

async function drawn(view: string): Promise<void> {
  const until = performance.now() + PATIENCE;
  for (;;) {
    const { ok, body } = await fetch(view);
    await body?.cancel();
    if (ok) return;
    if (performance.now() > until) throw new Error(`No view at ${view}`);
    await new Promise((done) => setTimeout(done, LOOK));
  }
}
