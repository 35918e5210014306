/** Fits over HTTP: from archives and folders, with what may be wrong with either, and what is left when they end. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { BlobWriter, Uint8ArrayReader, ZipWriter } from "@zip.js/zip.js";
import type { Job } from "../server/schemas/job_schema.ts";
import { sharedGpu } from "../testing/mod.ts";
import { contentOf } from "./command_line.ts";
import { copyFolder, type Made, madeOnce, open, type Opened, waitFor } from "./opened_server.ts";
import { opening, stubScorer } from "./stub_scorer.ts";

const adapter = await sharedGpu() !== undefined, made = madeOnce();

interface Fitting extends Made {
  readonly server: Opened;
  /** Files of the category's normal scans, by their names in an archive. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly uploads: () => string[];
  readonly shelf: () => string[];
}

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

function test(name: string, run: (fitting: Fitting) => Promise<void>): void {
  const fn = async () => {
    const one = await made(), models = `${one.folder.path}/${crypto.randomUUID()}`, state = `${models}.state`;
    await Deno.mkdir(models);
    const train = `${one.category}/train`, files: Record<string, Uint8Array> = {};
    for (const [name, bytes] of await contentOf(train)) files[`train/${name}`] = Uint8Array.fromBase64(bytes);
    await using server = await open(
      { models },
      state,
      { folders: [one.category], limits: { uploadBytes: 2 ** 20 } },
      opening(stubScorer()),
    );
    await run({ ...one, models, server, files, uploads: () => names(`${state}/uploads`), shelf: () => names(models) });
  };
  Deno.test({ name, ignore: !adapter, sanitizeOps: false, sanitizeResources: false, fn });
}

async function zip(files: Readonly<Record<string, Uint8Array>>): Promise<Blob> {
  const writer = new ZipWriter(new BlobWriter());
  for (const [name, bytes] of Object.entries(files)) await writer.add(name, new Uint8ArrayReader(bytes));
  return await writer.close();
}

/** The quickest method that a request can name. */
const QUICK = { method: "fpfh", preset: "paper", folds: "0" };

const send = (server: Opened, archive: Blob, fields: Readonly<Record<string, string>>) => {
  const body = new FormData();
  for (const [field, value] of Object.entries({ ...QUICK, ...fields })) body.append(field, value);
  body.append("archive", new File([archive], "a.zip"));
  return server.call("/v1/models", { method: "POST", body });
};

async function jobOf(answer: Response): Promise<Job> {
  const job = await answer.json();
  equal(answer.status, 202, JSON.stringify(job));
  return job;
}

const folderRequest = (folder: string): RequestInit => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ name: "mine", folder, ...QUICK, folds: 0 }),
});

test("an archive becomes a model, from its top or from a folder in it, and nothing else stays", async ({ server, files, uploads, shelf }) => {
  const deep = Object.entries(files).map(([name, bytes]) => [`bagel/${name}`, bytes]);
  const archive = await zip({
    ...Object.fromEntries(deep),
    "__MACOSX/._x": new Uint8Array(9),
    "notes.txt": new Uint8Array(9),
  });
  const job = await jobOf(await send(server, archive, { name: "mine", active: "false" }));
  const { state, error } = await server.end(job.id);
  deepEqual([state, error], ["done", null]);
  const model = await (await server.call("/v1/models/mine")).json();
  deepEqual([model.name, model.active, model.trainScans], ["mine", false, 4]);
  await waitFor(() => uploads().length === 0);
  deepEqual(shelf(), ["mine"]);

  const again = await send(server, archive, { name: "mine" });
  deepEqual([again.status, (await again.json()).code], [409, "model-exists"]);
  const replaced = await server.end(
    (await jobOf(await send(server, await zip(files), { name: "mine", replace: "true" }))).id,
  );
  equal(replaced.state, "done");
  equal((await (await server.call("/v1/models/mine")).json()).active, true);
  await waitFor(() => uploads().length === 0);
  deepEqual(shelf(), ["mine"]);
});

test("archives that are junk, empty, lead out, or unpack to too much end as failed with a code, and leave nothing", async ({ server, uploads, shelf }) => {
  const zeros = new Uint8Array(11 * 2 ** 20), encoder = new TextEncoder();
  const bad: [string, Blob][] = [
    ["archive-malformed", new Blob([new Uint8Array(1000)])],
    ["archive-malformed", await zip({ "notes.txt": encoder.encode("no scans") })],
    ["archive-malformed", await zip({})],
    ["archive-path", await zip({ "../../outside.txt": encoder.encode("x") })],
    ["archive-too-large", await zip({ "train/good/xyz/000.tiff": zeros })],
    ["no-such-category", await zip({ "train/good/xyz/000.txt": encoder.encode("x") })],
  ];
  for (const [code, archive] of bad) {
    const job = await server.end((await jobOf(await send(server, archive, { name: "mine" }))).id);
    deepEqual([job.state, job.error?.code], ["failed", code], JSON.stringify(job.error));
    ok(!job.error!.message.includes("/uploads/"), job.error!.message);
    await waitFor(() => uploads().length === 0);
  }
  deepEqual(shelf(), []);
});

test("a folder below an allowed one is fitted; others and what isn't there are refused", async ({ server, category, models, shelf }) => {
  for (const folder of [models, `${category}/../..`, `${category}/nothing`, "/"]) {
    const answer = await server.call("/v1/models", folderRequest(folder));
    deepEqual([answer.status, (await answer.json()).code], [403, "folder-refused"], folder);
  }
  const { state, error } = await server.end((await jobOf(await server.call("/v1/models", folderRequest(category)))).id);
  deepEqual([state, error], ["done", null]);
  deepEqual(shelf(), ["mine"]);
});

test("a fit is cancelled within seconds, while it waits and while it fits, and leaves nothing", async ({ server, category, files, uploads, shelf }) => {
  const first = await jobOf(await send(server, await zip(files), { name: "slow", preset: "default" }));
  const waits = await jobOf(await server.call("/v1/models", folderRequest(category)));
  await server.until(first.id, ({ task }) => task.startsWith("fitting"));
  equal((await server.call(`/v1/jobs/${waits.id}`, { method: "DELETE" })).status, 202);
  equal((await server.job(waits.id)).state, "cancelled");
  const began = performance.now();
  equal((await server.call(`/v1/jobs/${first.id}`, { method: "DELETE" })).status, 202);
  equal((await server.end(first.id)).state, "cancelled");
  ok(performance.now() - began < 5000, `${performance.now() - began} ms`);
  await waitFor(() => uploads().length === 0);
  deepEqual(shelf(), []);
  equal((await server.call(`/v1/jobs/${first.id}`, { method: "DELETE" })).status, 409);
});

Deno.test("uploads that no job needs go at the start", async () => {
  const { folder, models } = await made(), state = `${folder.path}/stray`;
  await copyFolder(models, `${state}/uploads/stray`).catch(() => {});
  await Deno.mkdir(`${state}/uploads/other`, { recursive: true });
  await using _server = await open({ models }, state, {}, opening(stubScorer()));
  deepEqual(names(`${state}/uploads`), []);
});
