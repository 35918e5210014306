import { deepEqual, equal, ok } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { root } from "../../tests/project_files.ts";
import { type TemporaryFolder, temporaryFolder } from "../../tests/run_deno.ts";
import { openStore } from "./store.ts";

const ITEMS = 400; // more than can be done before the kill comes

/** Where the script stands still: while the result is written, or behind it, before the job has counted its item. */
type Place = "result" | "count" | "nowhere";

/** Finishes items, large ones, and says so; within the finishing of item 3 it says that and then stands still. */
const script = `
  const { openStore } = await import(${JSON.stringify(new URL("./store.ts", import.meta.url).href)});
  const { sampleResult } = await import(${
  JSON.stringify(new URL("../../tests/sample_document.ts", import.meta.url).href)
});
  const say = (text) => Deno.stdout.writeSync(new TextEncoder().encode(text + "\\n"));
  const [file, place] = Deno.args, { jobs } = openStore(file);
  const { job } = jobs.nextQueued();
  jobs.start(job.id);
  for (let turn; turn = jobs.nextItem(job.id);) {
    const { index, input } = turn;
    const stand = (at) => {
      if (index !== 3 || place !== at) return;
      say("inside");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    };
    const artefacts = { view: new Uint8Array(2_000_000).fill(index), get picture() {
      stand("result");
      return Uint8Array.of(index);
    } };
    let asked = 0; // what the outcome is, is asked before the result is written and again for the count
    const outcome = new Proxy({ result: sampleResult({ input, score: index }, { artefacts }) }, { has(target, name) {
      if (++asked === 2) stand("count");
      return name in target;
    } });
    jobs.finishItem(job.id, index, outcome);
    say("finished " + index);
  }
`;

/** Starts the script on a new store with a job, kills it (SIGKILL) when it has said a line, and gives the items that it called finished. */
async function killed(folder: TemporaryFolder, line: string, place: Place): Promise<number[]> {
  const file = `${folder.path}/s.sqlite`;
  {
    using store = openStore(file);
    const items = Array.from({ length: ITEMS }, (_, i) => ({ input: `${i}.tiff`, source: `${i}` }));
    store.jobs.add({ kind: "batch", model: "cable", request: {}, items });
  }
  const config = `--config=${new URL("deno.json", root).pathname}`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", config, folder.put("work.ts", script), file, place],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const deadline = setTimeout(() => child.kill("SIGKILL"), 60_000);
  let said = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) { // reads on to the end, behind the kill too
    const seen = said.includes(`${line}\n`);
    said += text;
    if (!seen && said.includes(`${line}\n`)) child.kill("SIGKILL");
  }
  clearTimeout(deadline);
  equal((await child.status).signal, "SIGKILL");
  ok(said.includes(`${line}\n`), said);
  return [...said.matchAll(/finished (\d+)/g)].map(([, index]) => Number(index));
}

/**
 * Opens the store again: items, results and counts must agree, what was called finished must be there, and no more than `unsaid`
 * that were kept and not yet called so.
 */
function assertWhole(file: string, finished: readonly number[], unsaid = 1): void {
  using store = openStore(file);
  const { job: { id } } = store.jobs.nextQueued()!;
  equal(store.jobs.recover(), 1);
  const { items } = store.jobs.items(id, { limit: ITEMS });
  const done = items.filter(({ state }) => state === "done").map(({ index }) => index);
  deepEqual(done, done.map((_, i) => i));
  deepEqual(done.slice(0, finished.length), finished, "what was answered is kept");
  ok(done.length - finished.length <= unsaid, `${done.length} were kept, ${finished.length} called finished`);
  equal(store.jobs.get(id)!.done, done.length);
  deepEqual(items.slice(done.length).map(({ state }) => state), Array(ITEMS - done.length).fill("queued"));
  const rows = [...store.results.rows({})];
  deepEqual(rows.map((row) => row.id), items.slice(0, done.length).map(({ result }) => result));
  for (const [index, { id: result, input, score }] of rows.entries()) {
    deepEqual([input, score], [`${index}.tiff`, index]);
    const view = store.results.artefact(result, "view")!;
    ok(view.length === 2_000_000 && view.every((byte) => byte === index));
    equal(store.results.get(result)!.document.scans[0].input, input);
  }
  equal(store.jobs.nextItem(id)!.index, done.length, "the first that is not done comes next");
}

function assertSound(file: string): void {
  using database = new DatabaseSync(file);
  deepEqual({ ...database.prepare("PRAGMA integrity_check").get() }, { integrity_check: "ok" });
  deepEqual(database.prepare("PRAGMA foreign_key_check").all(), []);
}

for (const place of ["result", "count"] as const) {
  Deno.test(`killed within finishItem() at the ${place}, neither item nor result is there, and none before is lost`, async () => {
    using folder = temporaryFolder();
    const finished = await killed(folder, "inside", place);
    deepEqual(finished, [0, 1, 2]);
    assertWhole(`${folder.path}/s.sqlite`, finished, 0);
    assertSound(`${folder.path}/s.sqlite`);
  });
}

for (const after of [0, 5, 13]) {
  Deno.test(`killed somewhere behind item ${after}, items and results agree`, async () => {
    using folder = temporaryFolder();
    const finished = await killed(folder, `finished ${after}`, "nowhere");
    ok(finished.length > after && finished.length < ITEMS, `${finished}`);
    assertWhole(`${folder.path}/s.sqlite`, finished);
    assertSound(`${folder.path}/s.sqlite`);
  });
}
