import { deepEqual, equal, throws } from "node:assert/strict";
import { readTar } from "./tar.ts";

/** A ustar archive of these entries, written by the standard. */
function tarOf(entries: readonly { name: string; type?: string; bytes?: Uint8Array; prefix?: string }[]) {
  const blocks = entries.flatMap(({ name, type = "0", bytes = new Uint8Array(), prefix = "" }) => {
    const header = new Uint8Array(512),
      put = (at: number, text: string) => header.set(new TextEncoder().encode(text), at);
    put(0, name);
    put(100, "0000644\0");
    put(124, bytes.length.toString(8).padStart(11, "0") + "\0");
    put(148, " ".repeat(8));
    put(156, type);
    put(257, "ustar\x0000");
    put(345, prefix);
    put(148, header.reduce((a, b) => a + b, 0).toString(8).padStart(6, "0") + "\0 ");
    const body = new Uint8Array(Math.ceil(bytes.length / 512) * 512);
    body.set(bytes);
    return [header, body];
  });
  const archive = new Uint8Array([...blocks, new Uint8Array(1024)].reduce((n, block) => n + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    archive.set(block, at);
    at += block.length;
  }
  return archive;
}
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (words: string) => new TextEncoder().encode(words);

Deno.test("readTar() gives the files in order, over folders, with prefixes, of sizes around a block", () => {
  const sizes = [0, 1, 511, 512, 513].map((n) => ({ name: `n${n}`, bytes: new Uint8Array(n).fill(n % 251) }));
  const archive = tarOf([
    { name: "lib/", type: "5" },
    { name: "a.so", prefix: "lib", bytes: bytes("hello") },
    ...sizes,
  ]);
  const files = readTar(archive);
  deepEqual(files.map(({ name }) => name), ["lib/a.so", "n0", "n1", "n511", "n512", "n513"]);
  equal(text(files[0].bytes), "hello");
  sizes.forEach((want, i) => deepEqual(files[i + 1].bytes, want.bytes));
});

Deno.test("readTar() reads what the system's tar wrote", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/one.json`, "{}");
    const made = await new Deno.Command("tar", { args: ["cf", "-", "--format=ustar", "one.json"], cwd: folder })
      .output();
    deepEqual(readTar(made.stdout).map((file) => [file.name, text(file.bytes)]), [["one.json", "{}"]]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("readTar() refuses a cut archive, a changed header and a link, each with its byte", () => {
  const archive = tarOf([{ name: "a", bytes: bytes("hello") }]);
  throws(() => readTar(archive.slice(0, 514)), /byte 0 a file ends at 517, the archive at 514/);
  throws(() => readTar(archive.slice(0, 1024)), /byte 1024 a header of 512 bytes is missing/);
  throws(() => readTar(archive.slice(0, 100)), /the archive ends at 100/);
  const changed = archive.slice();
  changed[0]++;
  throws(() => readTar(changed), /byte 0 the header's checksum is/);
  throws(() => readTar(tarOf([{ name: "x" }, { name: "link", type: "2" }])), /byte 512 "link" has type "2"/);
});
