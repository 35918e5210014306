/** readNpz() against ZIP files written member by member. @module */
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { sharedData } from "../tests/shared_data.ts";
import { crc32 } from "./crc32.ts";
import { FileTooLarge, MalformedFile, UnsupportedFile } from "./errors.ts";
import { writeNpy } from "./npy.ts";
import { readNpz } from "./npz.ts";
import { type ReferenceMember, referenceZip } from "./npz_reference.ts";

const array = { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) };
const content = writeNpy(array);
const one = (claims: ReferenceMember["claims"], method: 0 | 8 = 8) =>
  referenceZip([{ name: "xyz.npy", content, method, claims }]);

Deno.test("crc32() gives the check value of the algorithm", () =>
  strictEqual(crc32(new TextEncoder().encode("123456789")), 0xcbf43926));

Deno.test("readNpz() reads stored and deflated arrays by name, and leaves other members out", async () => {
  const arrays = await readNpz(
    await referenceZip([
      { name: "xyz.npy", content, method: 8 },
      { name: "readme.txt", content: Uint8Array.of(65) },
      { name: "a/b.npy", content, method: 0 },
    ]),
  );
  deepStrictEqual([...arrays], [["xyz", { ...array, dtype: "f4" }], ["a/b", { ...array, dtype: "f4" }]]);
  deepStrictEqual([...await readNpz(await referenceZip([]))], []);
});

Deno.test("readNpz() refuses what the central directory gets wrong", async () => {
  const refused = async (
    claims: ReferenceMember["claims"],
    error: new (...given: never[]) => Error,
    method: 0 | 8 = 8,
  ) => rejects(readNpz(await one(claims, method)), error, JSON.stringify(claims));
  await refused({ size: content.length - 1 }, MalformedFile);
  await refused({ size: content.length + 1 }, MalformedFile);
  await refused({ size: 2 ** 31 - 1 }, MalformedFile);
  await refused({ size: 2 ** 32 - 2 }, FileTooLarge);
  await refused({ size: 10 }, MalformedFile, 0);
  await refused({ packed: 2 ** 20 }, MalformedFile);
  await refused({ local: 5 }, MalformedFile);
  await refused({ local: 2 ** 30 }, MalformedFile);
  await refused({ crc: 1 }, MalformedFile);
  await refused({ flags: 1 }, UnsupportedFile);
  await refused({ method: 12 }, UnsupportedFile);
  await refused({ local: 2 ** 32 - 1 }, UnsupportedFile);
});

Deno.test("readNpz() refuses two arrays of one name, shared data and an empty file", async () => {
  await rejects(referenceZip([{ name: "a.npy", content }, { name: "a.npy", content }]).then(readNpz), /two arrays a/);
  const again = { content, claims: { local: 0 } }; // many members over the same bytes: an overlap bomb
  await rejects(
    referenceZip(
      ["a", "b", "c", "d"].map((name, i) => ({
        name: `${name}.npy`,
        ...again,
        content: i ? Uint8Array.of() : content,
        claims: { local: 0, packed: content.length, size: content.length, crc: crc32(content) },
      })),
    ).then(readNpz),
    /its members have/,
  );
  await rejects(readNpz(new Uint8Array(0)), MalformedFile);
});

const path = sharedData("data/formats/npy/diamond.npz");
Deno.test({
  name: "readNpz() refuses diamond.npz, whose arrays are structured",
  ignore: !path,
  fn: async () =>
    rejects(readNpz(await Deno.readFile(path!)), (e) => e instanceof UnsupportedFile && /structured/.test(e.message)),
});
