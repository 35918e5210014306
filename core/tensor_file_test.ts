import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { writeSafetensors } from "../formats/mod.ts";
import { FileMissing, memoryStorage, type ModelFolder, ModelRefused, readTensorFile, writeTensorFile } from "./mod.ts";

const NAME = "a.safetensors";

function fill(folder: ModelFolder): void {
  folder.putTensor("weights", { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) });
  folder.putTensor("motions", { shape: [2], values: Float64Array.of(1e-300, Math.PI) });
  folder.putFacts({ name: "Käse", rate: 0.1 + 0.2, of: { "a": [1, null] } });
}

async function written(): Promise<Uint8Array> {
  const storage = memoryStorage();
  await writeTensorFile(storage, NAME, fill);
  return await storage.read(NAME);
}

const opened = (bytes: Uint8Array) => readTensorFile(memoryStorage({ [NAME]: bytes }), NAME);

/** Opens the file and takes a tensor of it, as who reads a model does. */
async function used(bytes: Uint8Array): Promise<void> {
  (await opened(bytes)).tensor("weights");
}

Deno.test("readTensorFile() gives back what was kept, to the bit, and refuses what was not", async () => {
  const bytes = await written(), folder = await opened(bytes);
  deepEqual(bytes, await written());
  deepEqual(folder.tensor("weights").values, Float32Array.of(1, 2, 3, 4, 5, 6));
  deepEqual(folder.tensor("weights").shape, [2, 3]);
  deepEqual(folder.tensor("motions").values, Float64Array.of(1e-300, Math.PI));
  deepEqual(folder.facts(), { name: "Käse", rate: 0.1 + 0.2, of: { "a": [1, null] } });
  deepEqual([folder.has("weights"), folder.has("other")], [true, false]);
  throws(() => folder.tensor("other"), (error) => error instanceof ModelRefused && error.what === "tensor other");
  throws(() => folder.putFacts({}), TypeError);
  await rejects(readTensorFile(memoryStorage(), NAME), FileMissing);
});

Deno.test("readTensorFile() refuses a file that was cut short anywhere, and one with any bit turned", async () => {
  const bytes = await written();
  for (const length of [0, 7, 8, 40, bytes.length - 33, bytes.length - 1]) {
    await rejects(used(bytes.slice(0, length)), ModelRefused, `${length} bytes`);
  }
  await rejects(used(Uint8Array.from([...bytes, 0])), ModelRefused);
  for (let at = 0; at < bytes.length; at++) {
    const turned = bytes.slice();
    turned[at] ^= 1;
    await rejects(used(turned), ModelRefused, `byte ${at}`);
  }
});

Deno.test("readTensorFile() refuses tensors of others, which have no facts", async () => {
  const other = writeSafetensors(new Map([["weights", { shape: [1], values: Float32Array.of(1) }]]));
  await rejects(used(other), (error) => error instanceof ModelRefused && error.what === `kind of ${NAME}`);
  equal((await opened(await written())).has("weights"), true);
});
