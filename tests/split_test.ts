/** The verb `split`, from the command line to the manifest. @module */
import { deepEqual, equal, match } from "node:assert/strict";
import { readSplit, type SplitManifest } from "../evaluation/mod.ts";
import { commandLine } from "./command_line.ts";
import { type TemporaryFolder, temporaryFolder } from "./run_deno.ts";
import { sharedData } from "./shared_data.ts";

/** A data set of empty files, since only names are looked at: six scans of each type, of `cookie` two good ones. */
function put(folder: TemporaryFolder): string {
  for (const category of ["casting", "cookie"]) {
    Deno.mkdirSync(`${folder.path}/set/${category}/train/good/xyz`, { recursive: true });
    folder.put(`set/${category}/train/good/xyz/000.tiff`, "");
    for (const [type, count] of [["good", category === "cookie" ? 2 : 6], ["hole", 6]] as const) {
      for (const kind of ["xyz", "gt"]) {
        Deno.mkdirSync(`${folder.path}/set/${category}/test/${type}/${kind}`, { recursive: true });
        for (let i = 0; i < count; i++) {
          folder.put(`set/${category}/test/${type}/${kind}/00${i}.${kind === "gt" ? "png" : "tiff"}`, "");
        }
      }
    }
  }
  return `${folder.path}/set`;
}

/** All files below a folder, with what tells a touched one. */
function traces(folder: string, found: [string, number, number | undefined][] = []) {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`, { size, mtime } = Deno.statSync(path);
    if (isDirectory) traces(path, found);
    else found.push([path, size, mtime?.getTime()]);
  }
  return found.sort(([a], [b]) => (a < b ? -1 : 1));
}

Deno.test("split does what it can, names what it cannot, exits 3, and moves nothing", async () => {
  using folder = temporaryFolder();
  const data = put(folder), before = traces(data), output = `${folder.path}/out/split.json`;
  const { code, stdout, stderr } = await commandLine(["split", `--data=${data}`, `--output=${output}`, "--json"]);
  equal(code, 3, stderr);
  const manifest: SplitManifest = JSON.parse(stdout);
  deepEqual(readSplit(Deno.readFileSync(output), output), manifest);
  const [{ category, train, labelledValidation, test }, ...others] = manifest.categories;
  deepEqual([category, train.length, labelledValidation.length, others], ["casting", 1, 10, []]);
  deepEqual(test.map(({ file, mask }) => [file, mask]), [
    ["casting/test/good/xyz/005.tiff", "casting/test/good/gt/005.png"],
    ["casting/test/hole/xyz/005.tiff", "casting/test/hole/gt/005.png"],
  ]);
  deepEqual(manifest.refused.map(({ input, error }) => [input, error.code]), [["cookie", "split-impossible"]]);
  match(manifest.refused[0].error.message, /it has 2 of "good"/);
  deepEqual(traces(data), before);
});

Deno.test("split gives a table of the categories asked for", async () => {
  using folder = temporaryFolder();
  const data = put(folder);
  const one = await commandLine(["split", `--data=${data}`, "--category=casting"]);
  equal(one.code, 0, one.stderr);
  match(one.stdout, /^casting +1 +0 +10 +1 +1 +–$/m);
  const wrong = await commandLine(["split", `--data=${data}`, "--category=casting,peach"]);
  equal(wrong.code, 3, wrong.stderr);
  match(wrong.stdout, /^casting /m);
  match(wrong.stdout, /^refused peach: .*categories there are casting, cookie.*\[no-such-category\]$/m);
  const none = await commandLine(["split", `--data=${folder.path}/nowhere`]);
  equal(none.code, 3, none.stderr);
  match(none.stdout, /it holds no category; name the folder that holds CATEGORY\/train\/good\/xyz/);
});

Deno.test("split names scans without ground truth, and keeps them in their sets", async () => {
  using folder = temporaryFolder();
  const data = put(folder);
  Deno.removeSync(`${data}/casting/test/hole/gt/001.png`);
  const { code, stdout, stderr } = await commandLine(["split", `--data=${data}`, "--category=casting", "--json"]);
  equal(code, 0, stderr);
  match(stderr, /without ground truth or not read: casting\/test\/hole\/xyz\/001\.tiff/);
  const found = (JSON.parse(stdout) as SplitManifest).categories[0].labelledValidation
    .find(({ name }) => name === "hole/001");
  deepEqual(found, { name: "hole/001", defect: "hole", file: "casting/test/hole/xyz/001.tiff" });
});

Deno.test("split writes over an older split, and over nothing else", async () => {
  using folder = temporaryFolder();
  const data = put(folder), output = `${folder.path}/split.json`;
  const run = (path: string) => commandLine(["split", `--data=${data}`, "--category=casting", `--output=${path}`]);
  for (let i = 0; i < 2; i++) equal((await run(output)).code, 0);
  const scan = `${data}/casting/train/good/xyz/000.tiff`;
  Deno.writeTextFileSync(scan, "a scan");
  for (const path of [scan, data]) {
    const { code, stdout, stderr } = await run(path);
    deepEqual([code, stdout], [2, ""]);
    match(stderr, /\[output-unwritable\]/);
  }
  equal(Deno.readTextFileSync(scan), "a scan");
});

Deno.test("split that is interrupted writes nothing", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/split.json`;
  const stopped = AbortSignal.abort(new Error("enough"));
  equal((await commandLine(["split", `--data=${put(folder)}`, `--output=${output}`], stopped)).code, 130);
  deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["set"]);
});

const real = sharedData("data/mvtec3d");
Deno.test({
  name: "split knows that the real part is not the whole data set",
  ignore: real === undefined,
  fn: async () => {
    const { code, stdout, stderr } = await commandLine(["split", `--data=${real}`]);
    equal(code, 0, stderr);
    match(stdout, /^cable_gland +32 +0 +25 +3 +4 +no$/m);
    const json = await commandLine(["split", `--data=${real}`, "--json"]);
    const [{ labelledValidation, test }] = (JSON.parse(json.stdout) as SplitManifest).categories;
    deepEqual(
      Object.fromEntries(
        [...Map.groupBy(labelledValidation, (e) => e.defect)].map(([type, list]) => [type, list.length]),
      ),
      { bent: 5, cut: 5, good: 5, hole: 5, thread: 5 },
    );
    for (const { file, mask } of [...labelledValidation, ...test]) {
      equal(Deno.statSync(`${real}/${file}`).isFile && Deno.statSync(`${real}/${mask}`).isFile, true);
    }
  },
});
