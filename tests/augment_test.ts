/** The verb `augment`, from the command line to the folder. @module */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { AugmentManifest } from "../evaluation/mod.ts";
import { commandLine, contentOf, sharedDataset } from "./command_line.ts";
import { temporaryFolder } from "./run_deno.ts";

const dataset = sharedDataset();
const augment = async (output: string, ...args: string[]) =>
  await commandLine(["augment", `--data=${await dataset()}`, "--category=bagel", `--output=${output}`, ...args]);

Deno.test("augment writes OUTPUT/CATEGORY, and prints the manifest with --json", async () => {
  using folder = temporaryFolder();
  const { code, stdout, stderr } = await augment(`${folder.path}/set`, "--seed=3", "--per-scan=2", "--json");
  equal(code, 0, stderr);
  const manifest: AugmentManifest = JSON.parse(stdout);
  deepEqual(manifest, JSON.parse(Deno.readTextFileSync(`${folder.path}/set/bagel/augmentation.json`)));
  deepEqual([manifest.seed, manifest.files.length, manifest.good.length], [3, 4, 2]);
  deepEqual([...Deno.readDirSync(`${folder.path}/set`)].map(({ name }) => name), ["bagel"]);
});

Deno.test("augment links the scans that stay as they are, and copies them with --copy: the same bytes", async () => {
  using folder = temporaryFolder();
  const inode = (path: string) => Deno.statSync(path).ino;
  const [linked, copied] = [`${folder.path}/linked`, `${folder.path}/copied`];
  const said = await augment(linked, "--per-scan=1");
  equal(said.code, 0, said.stderr);
  match(said.stdout, /^2 incomplete and 2 complete test scans, and 4 to train on, of bagel in /);
  equal((await augment(copied, "--per-scan=1", "--copy")).code, 0);
  deepEqual(await contentOf(linked), await contentOf(copied));
  const scan = "bagel/train/good/xyz/000.tiff", original = `${await dataset()}/${scan}`;
  deepEqual(Deno.readFileSync(`${copied}/${scan}`), Deno.readFileSync(original));
  if (Deno.build.os !== "windows") {
    equal(inode(`${linked}/${scan}`), inode(original));
    ok(inode(`${copied}/${scan}`) !== inode(original));
  }
});

Deno.test("augment refuses with a word of what to do, and leaves nothing half written", async () => {
  using folder = temporaryFolder();
  const set = `${folder.path}/set`;
  const refused = async (said: ReturnType<typeof commandLine>, wanted: RegExp) => {
    const { code, stderr } = await said;
    equal(code, 2, stderr);
    match(stderr, wanted);
  };
  await refused(augment(set, "--category=peach"), /categories there are bagel; name one of them \[no-such-category\]/);
  await refused(augment(set, "--per-scan=0"), /perScan.*\[options-refused\]/);
  const training = `${folder.path}/training/bagel/train/good/xyz`;
  Deno.mkdirSync(training, { recursive: true });
  Deno.copyFileSync(`${await dataset()}/bagel/train/good/xyz/000.tiff`, `${training}/000.tiff`);
  await refused(
    augment(set, `--data=${folder.path}/training`),
    /training scans are left alone; move some of them to validation\/good\/xyz \[no-scans-to-damage\]/,
  );
  deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["training"]);
  folder.put("file", "");
  await refused(augment(`${folder.path}/file`), /\[output-unwritable\]/);
  Deno.mkdirSync(`${set}/bagel`, { recursive: true });
  Deno.writeTextFileSync(`${set}/bagel/mine.txt`, "mine");
  await refused(augment(set), /it holds other files, which would be lost.*\[output-unwritable\]/);
  equal((await contentOf(set)).size, 1);
});

Deno.test("augment that is interrupted leaves no folder", async () => {
  using folder = temporaryFolder();
  const stopped = AbortSignal.abort(new Error("enough"));
  const args = [`--data=${await dataset()}`, "--category=bagel", `--output=${folder.path}/set`];
  equal((await commandLine(["augment", ...args], stopped)).code, 130);
  deepEqual(await contentOf(folder.path), new Map());
});
