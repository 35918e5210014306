/** Faults of clients, models, devices and disks, each really happening to a server in this process. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { openScorer } from "../server/scoring/scorer.ts";
import { sharedGpu } from "../testing/mod.ts";
import { copyFolder, knock, type Made, madeOnce, open, waitFor } from "./opened_server.ts";
import { opening, stubScorer } from "./stub_scorer.ts";
import { temporaryFolder } from "./run_deno.ts";

const adapter = await sharedGpu() !== undefined, made = madeOnce();

function test(name: string, run: (made: Made, state: string) => Promise<void>): void {
  const fn = async () => {
    const one = await made();
    await run(one, `${one.folder.path}/${crypto.randomUUID()}`);
  };
  Deno.test({ name, ignore: !adapter, sanitizeOps: false, sanitizeResources: false, fn });
}

/** A scorer whose GPU does, at its next read, what a file of this name in a folder asks for. */
function mischief({ folder }: Made) {
  const kernels = import.meta.resolve("../kernels/mod.ts"), at = (what: string) => `${folder.path}/${what}`;
  const gpuModule = `file://${
    folder.put(
      "gpu.ts",
      `import { openGpu as open } from ${JSON.stringify(kernels)};
const asked = (path) => { try { Deno.removeSync(path); return true; } catch { return false; } };
export async function openGpu() {
  const gpu = await open(), read = gpu.read.bind(gpu);
  gpu.read = async (...operands) => {
    for (const lose of ["lose", "lose again"]) if (asked(${
        JSON.stringify(folder.path)
      } + "/" + lose)) { await gpu.lose(); break; }
    if (asked(${JSON.stringify(at("hold"))})) {
      while (!asked(${JSON.stringify(at("release"))})) await new Promise((wait) => setTimeout(wait, 5));
    }
    return await read(...operands);
  };
  return gpu;
}
`,
    )
  }`;
  return {
    open: (options: Parameters<typeof openScorer>[0]) => openScorer({ ...options, gpuModule }),
    ask: (what: "hold" | "release" | "lose" | "lose again") => Deno.writeTextFileSync(at(what), ""),
    /** Ends when a score is held. */
    held: () => waitFor(() => Deno.stat(at("hold")).then(() => false, () => true)),
  };
}

const scoreOf = async (answer: Response): Promise<number> => {
  equal(answer.status, 200);
  return (await answer.json()).scans[0].score;
};

const problemOf = async (answer: Response) => {
  equal(answer.headers.get("Content-Type"), "application/problem+json");
  const { status, code } = await answer.json();
  equal(status, answer.status);
  return [status, code];
};

test("a client that leaves while it waits gives its turn on, and nothing of its scan is kept", async (made, state) => {
  const scorer = stubScorer(), gate = Promise.withResolvers<void>();
  scorer.before = () => gate.promise;
  await using server = await open(made, state, {}, opening(scorer));
  const depth = () => server.metric('uni3dad_queue_depth{urgency="now"}');
  const named = (name: string) =>
    server.call(`/v1/models/bagel/score?name=${name}`, { method: "POST", body: made.scan });
  const first = named("first");
  await waitFor(async () => await server.metric("uni3dad_queue_busy") === 1);
  const gone = await knock(
    server.url,
    ["POST /v1/models/bagel/score?name=gone", `Content-Length: ${made.scan.length}`],
    made.scan,
  );
  await waitFor(async () => await depth() === 1);
  const last = named("last");
  await waitFor(async () => await depth() === 2);
  gone.close();
  await waitFor(async () => await depth() === 1);
  gate.resolve();
  deepEqual([(await first).status, (await last).status], [200, 200]);
  deepEqual(scorer.scored, ["first", "last"]);
  equal((await (await server.call("/v1/results")).json()).results.length, 2);
  equal(await server.metric('uni3dad_failures_total{code="run-aborted"}'), 1);
  deepEqual(server.warned, []);
});

test(
  "a client that leaves while it is scored frees the GPU's memory; the next score is as before",
  async (made, state) => {
    const { open: scorer, ask, held } = mischief(made);
    await using server = await open(made, state, {}, scorer);
    const before = await scoreOf(await server.score(made.scan)),
      bytes = await server.metric("uni3dad_gpu_memory_bytes");
    ask("hold");
    const gone = await knock(
      server.url,
      ["POST /v1/models/bagel/score", `Content-Length: ${made.scan.length}`],
      made.scan,
    );
    await held();
    ok(await server.metric("uni3dad_gpu_memory_bytes") > bytes, "it is in the middle");
    gone.close();
    const left = () => server.metric('uni3dad_failures_total{code="run-aborted"}');
    equal(await left(), 0);
    await delay(200); // that it left is noticed while the score is held
    ask("release");
    equal(await scoreOf(await server.score(made.scan)), before);
    equal(await left(), 1);
    equal(await server.metric("uni3dad_gpu_memory_bytes"), bytes);
    equal((await (await server.call("/v1/results")).json()).results.length, 2);
  },
);

test(
  "a model that is deleted while it scores finishes the scan in hand; its batch ends, others go on",
  async (made, state) => {
    await copyFolder(`${made.models}/bagel`, `${made.models}/other`);
    const { open: scorer, ask, held } = mischief(made);
    await using server = await open(made, state, {}, scorer);
    const gone = { model: "other" }, whole = await scoreOf(await server.score(made.scan, gone));
    const { gpuBytes } = { gpuBytes: await server.metric("uni3dad_gpu_memory_bytes") };
    ask("hold");
    const { id } = await server.batch(made.scan, 5, "other");
    await held();
    const waits = server.score(made.scan, gone), bystander = server.score(made.scan);
    await waitFor(async () => await server.metric('uni3dad_queue_depth{urgency="now"}') === 2);
    const deleted = server.call("/v1/models/other", { method: "DELETE" });
    ask("release");
    equal((await deleted).status, 204);
    const late = await waits; // taken before, so either is right
    ok(late.status === 200 ? await scoreOf(late) === whole : (await problemOf(late)).join() === "404,no-such-model");
    equal(await scoreOf(await bystander), whole);
    const { state: end, error, done } = await server.end(id);
    deepEqual([end, error?.code], ["failed", "no-such-model"]);
    ok(done >= 1, "the scan in hand was finished");
    deepEqual((await server.items(id)).map(({ state }) => state).slice(done), Array(5 - done).fill("cancelled"));
    deepEqual(await problemOf(await server.score(made.scan, gone)), [404, "no-such-model"]);
    equal(await scoreOf(await server.score(made.scan)), whole);
    ok(await server.metric("uni3dad_gpu_memory_bytes") <= gpuBytes, "the deleted model is off the GPU");
  },
);

test("a device that is lost once is not noticed; lost twice is a problem of this scan alone", async (made, state) => {
  const { open: scorer, ask } = mischief(made);
  await using server = await open(made, state, {}, scorer);
  const whole = await scoreOf(await server.score(made.scan));
  ask("lose");
  equal(await scoreOf(await server.score(made.scan)), whole);
  equal(await server.metric("uni3dad_device_losses"), 1);
  ask("lose");
  ask("lose again");
  const answer = await server.score(made.scan);
  ok(answer.headers.get("Retry-After"));
  deepEqual(await problemOf(answer), [503, "device-lost"]);
  equal(await scoreOf(await server.score(made.scan)), whole);
  equal(await server.metric("uni3dad_device_losses"), 3);
  ask("lose");
  ask("lose again");
  const { id } = await server.batch(made.scan, 3);
  const { state: end, done, failed } = await server.end(id);
  deepEqual([end, done, failed], ["done", 3, 1]);
  deepEqual((await server.items(id)).map(({ error, score }) => error?.code ?? score), ["device-lost", whole, whole]);
});

/** A file system of so many bytes at `path`, where this process may mount one. */
async function mount(path: string, size: string): Promise<AsyncDisposable | undefined> {
  await Deno.mkdir(path, { recursive: true });
  const run = (command: string, args: string[]) =>
    new Deno.Command(command, { args, stderr: "null" }).output().catch(() => undefined);
  if (!(await run("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", path]))?.success) return undefined;
  return { [Symbol.asyncDispose]: async () => void await run("umount", ["-l", path]) };
}

/** Fills the disk to its last byte, and makes room again. */
function ballast(folder: string) {
  const path = `${folder}/ballast`, bytes = new Uint8Array(4096);
  return {
    fill() {
      using file = Deno.openSync(path, { create: true, append: true });
      try {
        while (true) file.writeSync(bytes);
      } catch (error) {
        match(String(error), /No space left/);
      }
    },
    drop: () => Deno.removeSync(path),
  };
}

const probe = await (async () => {
  using folder = temporaryFolder();
  await using disk = await mount(`${folder.path}/disk`, "1m");
  return disk !== undefined;
})();

Deno.test({
  name: `a full disk is said as such, keeps nothing half, holds batches up, and is forgotten when there is room${
    probe ? "" : " (skipped: may not mount)"
  }`,
  ignore: !adapter || !probe,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const one = await made(), state = `${one.folder.path}/small`;
    await using _disk = await mount(state, "4m");
    const scorer = stubScorer(), { fill, drop } = ballast(state);
    {
      await using server = await open(one, state, {}, opening(scorer));
      const count = async () => (await (await server.call("/v1/results?limit=500")).json()).results.length;
      equal((await server.score(one.scan)).status, 200);
      const gate = Promise.withResolvers<void>();
      scorer.before = () => gate.promise;
      const { id } = await server.batch(one.scan, 6);
      fill();
      gate.resolve();
      const kept = await count(), codes = new Set<string>();
      for (let i = 0; i < 40; i++) { // the journal may have some room of its own left
        const answer = await server.score(one.scan);
        if (answer.status !== 200) codes.add((await problemOf(answer)).join());
      }
      deepEqual([...codes], ["507,store-unwritable"]);
      const refused = await server.call("/v1/models/bagel/batches", {
        method: "POST",
        body: formOf(new Uint8Array(2 ** 20).fill(0x49)),
      });
      deepEqual(await problemOf(refused), [507, "output-unwritable"]);
      const uploads = () => [...Deno.readDirSync(`${state}/uploads`)].length;
      equal(uploads(), 1, "of the batch that is held up");
      equal((await server.call("/healthz")).status, 200);
      await waitFor(() => server.warned.some((words) => words.includes(`job ${id} waits`)));
      drop();
      const { state: end, failed } = await server.end(id);
      deepEqual([end, failed], ["done", 0]);
      equal(scorer.scored.filter((name) => name.endsWith(".tiff")).length, 6, "no scan was scored twice");
      equal((await server.score(one.scan)).status, 200);
      ok(await count() >= kept + 1);
    }
    await using again = await open(one, state, {}, opening(scorer)); // whole, as it opens
    const { results } = await (await again.call("/v1/results?limit=500")).json();
    for (const { id } of results) equal((await again.call(`/v1/results/${id}`)).status, 200);
  },
});

function formOf(bytes: Uint8Array<ArrayBuffer>): FormData {
  const form = new FormData();
  bytes.set([0x49, 0x49, 0x2a, 0]);
  for (let i = 0; i < 8; i++) form.append("scan", new File([bytes], `${i}.tiff`));
  return form;
}
