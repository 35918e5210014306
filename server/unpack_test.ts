import { deepEqual, equal, rejects } from "node:assert/strict";
import { BlobWriter, TextReader, ZipWriter } from "@zip.js/zip.js";
import { temporaryFolder } from "../tests/run_deno.ts";
import { OutputUnwritable } from "../host/mod.ts";
import { RequestRefused } from "./errors.ts";
import { unpackZip } from "./unpack.ts";

async function zip(files: Readonly<Record<string, string>>): Promise<Blob> {
  const writer = new ZipWriter(new BlobWriter());
  for (const [name, text] of Object.entries(files)) await writer.add(name, new TextReader(text));
  return await writer.close();
}

const bounds = { mostBytes: 1000, mostFiles: 3 }, { signal } = new AbortController();
const refusedAs = (code: string) => (error: unknown) => error instanceof RequestRefused && error.code === code;

Deno.test("unpackZip() writes files in their folders", async () => {
  using folder = temporaryFolder();
  await unpackZip(await zip({ "a/b/c.txt": "one", "d.txt": "two" }), folder.path, bounds, signal);
  equal(await Deno.readTextFile(`${folder.path}/a/b/c.txt`), "one");
  equal(await Deno.readTextFile(`${folder.path}/d.txt`), "two");
});

for (const name of ["../x", "a/../../x", "/etc/x", "C:/x", "a\\..\\x", "a//x", "./x", `${"n".repeat(1001)}`]) {
  Deno.test(`unpackZip() refuses the name ${name.slice(0, 20)}`, async () => {
    using folder = temporaryFolder();
    await rejects(
      unpackZip(await zip({ [name]: "x" }), `${folder.path}/in`, bounds, signal),
      refusedAs("archive-path"),
    );
    deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["in"]);
    deepEqual([...Deno.readDirSync(`${folder.path}/in`)], []);
  });
}

Deno.test("unpackZip() counts bytes as they come, and files", async () => {
  using folder = temporaryFolder();
  const bomb = await zip({ "zeros": "0".repeat(100_000) });
  equal(bomb.size < 1000, true); // small as it is sent
  await rejects(unpackZip(bomb, `${folder.path}/a`, bounds, signal), refusedAs("archive-too-large"));
  const many = await zip({ a: "", b: "", c: "", d: "" });
  await rejects(unpackZip(many, `${folder.path}/b`, bounds, signal), refusedAs("archive-too-large"));
});

Deno.test("unpackZip() refuses what is no archive, is cut short, or is damaged", async () => {
  using folder = temporaryFolder();
  const whole = await (await zip({ "a.txt": "some words that are packed" })).bytes();
  const damaged = whole.slice();
  damaged[30 + "a.txt".length + new DataView(damaged.buffer).getUint16(28, true) + 6] ^= 0xff; // in the packed words
  for (const [i, bytes] of [new Uint8Array(100), whole.subarray(0, whole.length - 30), damaged].entries()) {
    const archive = new Blob([bytes as Uint8Array<ArrayBuffer>]);
    await rejects(unpackZip(archive, `${folder.path}/${i}`, bounds, signal), refusedAs("archive-malformed"));
  }
});

Deno.test("unpackZip() tells a disk that cannot be written from an archive that is at fault", async () => {
  using folder = temporaryFolder();
  const file = folder.put("file", "");
  const archive = await zip({ "a.txt": "one" });
  await rejects(unpackZip(archive, `${file}/in`, bounds, signal), OutputUnwritable);
  const both = await zip({ "a": "a file", "a/b": "below it" });
  await rejects(unpackZip(both, `${folder.path}/in`, bounds, signal), refusedAs("archive-malformed"));
});
