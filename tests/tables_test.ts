/** The verb `tables`, from the command line to the files. @module */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type EvaluateDocument, MEAN, synthesise, synthOptions, type TablesDocument } from "../evaluation/mod.ts";
import { diskStorage } from "../host/mod.ts";
import { sharedGpu } from "../testing/mod.ts";
import { commandLine, contentOf, SMALL } from "./command_line.ts";
import { type TemporaryFolder, temporaryFolder } from "./run_deno.ts";

const adapter = await sharedGpu() !== undefined;
const METHOD = "fpfh+nearest-normal/mean-std";

/** A bagel of which the paper's split can be made, 64 × 64 pixels, and a casting with too few normal scans. */
async function put(folder: TemporaryFolder): Promise<string> {
  const data = `${folder.path}/data`, size = { width: 64, height: 64, defects: ["dent"] };
  const bagel = synthOptions.parse({ ...size, train: 4, good: 6, perDefect: 6 });
  await synthesise(bagel, diskStorage(data));
  await synthesise(
    synthOptions.parse({ ...size, product: "casting", train: 1, good: 1, perDefect: 1 }),
    diskStorage(data),
  );
  return data;
}

function test(name: string, run: (folder: TemporaryFolder, data: string) => Promise<void>) {
  const fn = async () => {
    using folder = temporaryFolder();
    await run(folder, await put(folder));
  };
  Deno.test({ name, ignore: !adapter, sanitizeOps: false, sanitizeResources: false, fn });
}

const tables = (data: string, output: string, args: readonly string[], signal?: AbortSignal) =>
  commandLine(["tables", `--data=${data}`, `--output=${output}`, "--bootstrap=40", ...SMALL, ...args], signal);

const documentOf = ({ stdout }: Awaited<ReturnType<typeof commandLine>>): TablesDocument => JSON.parse(stdout);

const files = (folder: string) =>
  [...Deno.readDirSync(folder)].filter(({ isFile }) => isFile).map(({ name }) => name).sort();

test("tables measures all there is, names what it can't, and says what evaluate says", async (folder, data) => {
  const output = `${folder.path}/out`;
  const said = await tables(data, output, [
    `--method=${METHOD}`,
    "--category=bagel,casting,peach",
    "--dataset=original",
    "--json",
  ]);
  equal(said.code, 3, said.stderr);
  const document = documentOf(said), { cells, differences, refused, missing } = document;
  deepEqual([missing, refused.map(({ input, error }) => [input, error.code])], [["peach"], [
    ["casting, original, reduced test set", "split-impossible"],
    ["casting, fpfh and nearest-normal", "too-few-scans"],
  ]]);
  deepEqual([...new Set(cells.map(({ method }) => method))], ["fpfh", "nearest-normal", METHOD]);
  deepEqual([...new Set(cells.map(({ category }) => category))], ["bagel", MEAN]);
  equal(cells.length, 3 * 2 * 2 * 6); // methods, test sets, the category and the mean, figures
  equal(differences.length, 2 * 2 * 2 * 6);
  const scansOf = (set: string) => cells.find(({ testSet }) => testSet === set)!.scans;
  deepEqual([scansOf("official"), scansOf("reduced")], [{ good: 6, defective: 6 }, { good: 1, defective: 1 }]);
  const { stdout } = await commandLine(
    ["evaluate", `--data=${data}`, "--category=bagel", ...SMALL, `--method=${METHOD}`, "--branches", "--json"],
  );
  const { runs: [{ auPro, scanAuroc, pixelAuroc, branches }] }: EvaluateDocument = JSON.parse(stdout);
  const figures = (method: string) =>
    cells.filter((cell) => cell.method === method && cell.category === "bagel" && cell.testSet === "official").map((
      { value },
    ) => value);
  const wanted = (of: Pick<NonNullable<typeof branches>["feature"], "auPro" | "scanAuroc" | "pixelAuroc">) => {
    const { exact, official } = of.auPro;
    return [official["0.3"], exact["0.1"], exact["0.05"], exact["0.01"], of.scanAuroc, of.pixelAuroc];
  };
  deepEqual(figures(METHOD), wanted({ auPro, scanAuroc, pixelAuroc }));
  deepEqual(figures("fpfh"), wanted(branches!.feature));
  deepEqual(figures("nearest-normal"), wanted(branches!.missing));
  for (const { value, interval } of cells) ok(value === null || (interval![0] <= value && value <= interval![1]));
  deepEqual(files(output), ["differences.csv", "tables.csv", "tables.html", "tables.json", "tables.md"]);
  deepEqual(JSON.parse(Deno.readTextFileSync(`${output}/tables.json`)), document);
  const text = await tables(data, output, [`--method=${METHOD}`, "--category=bagel", "--dataset=original"]);
  equal(text.code, 0, text.stderr);
  match(text.stdout, /Table 5/);
  match(text.stderr, /bagel: all maps of fpfh and nearest-normal are there/);
  await sweepsByLabels(data, output);
});

/** Another fuser out of the same maps, fitted by labelled scans. */
async function sweepsByLabels(data: string, output: string) {
  const method = "fpfh+nearest-normal/ocsvm", set = ["--set=fuser.k=labelled", "--set=fuser.kernel=linear"];
  const args = [`--method=${method}`, "--category=bagel", "--dataset=original", "--sweep=k", "--json"];
  const said = await tables(data, output, [...args, ...set]);
  equal(said.code, 3, said.stderr);
  match(said.stderr, /bagel: all maps of fpfh and nearest-normal are there/);
  const { cells, sweeps, refused } = documentOf(said);
  deepEqual(refused.map(({ input, error }) => [input, error.code]), [
    [`${method} default, official test set`, "overlapping-sets"],
  ]);
  for (const { method: name, testSet, value, tunedByLabels } of cells) {
    equal(tunedByLabels, name === method);
    equal(value === null, tunedByLabels && testSet === "official", `${name}, ${testSet}: ${value}`);
  }
  // a branch that is silent on normal scans has no quantile: k is swept around the one in use whether there are any or not
  deepEqual(sweeps.map(({ category, testSet }) => [category, testSet]), [["bagel", "reduced"]]);
  const [{ points, chosen }] = sweeps, inUse = points.find(({ k }) => k === chosen)!;
  ok(points.length >= 21 && points.every(({ k }, i) => i === 0 || k > points[i - 1].k));
  const own = cells.filter((cell) => cell.method === method && cell.category === "bagel" && cell.testSet === "reduced");
  deepEqual(
    [inUse.auPro, inUse.auProStrict],
    ["auPro@0.3", "auPro@0.05"].map((metric) => own.find((cell) => cell.metric === metric)!.value),
  );
  match(said.stderr, new RegExp(`k swept over ${points.length} values`));
  ok(files(output).includes("sweep.csv") && files(output).some((name) => /^sweep-bagel-.*svg$/.test(name)));
}

test("tables that is killed goes on, computes no map twice, and gives the same document", async (folder, data) => {
  const args = [`--method=${METHOD}`, "--category=bagel", "--dataset=original", "--json"];
  const whole = await tables(data, `${folder.path}/whole`, args);
  equal(whole.code, 0, whole.stderr);
  const output = `${folder.path}/killed`, kept = () => diskStorage(`${output}/branches`).list("");
  const testScans = (names: readonly string[]) => names.filter((name) => /\/test\/.*safetensors$/.test(name)).length;
  const stop = new AbortController();
  const timer = setInterval(async () => {
    if (testScans(await kept()) >= 5) stop.abort();
  }, 20);
  const killed = await tables(data, output, args, stop.signal);
  clearInterval(timer);
  equal(killed.code, 130, killed.stderr);
  deepEqual(files(output), [], "no tables of a part");
  const before = new Map<string, number>();
  for (const name of await kept()) before.set(name, Deno.statSync(`${output}/branches/${name}`).mtime!.getTime());
  const scans = testScans([...before.keys()]);
  ok(scans >= 5 && scans < 12, `${scans} of 12 scans`);
  const resumed = await tables(data, output, args);
  equal(resumed.code, 0, resumed.stderr);
  match(resumed.stderr, new RegExp(`fitted again for ${12 - scans} of them`));
  equal(resumed.stdout, whole.stdout);
  for (const [name, time] of before) equal(Deno.statSync(`${output}/branches/${name}`).mtime!.getTime(), time, name);
  deepEqual(await contentOf(`${output}/branches`), await contentOf(`${folder.path}/whole/branches`));
});

Deno.test("tables refuses words that it does not know, before any work", async () => {
  for (
    const [args, wanted] of [
      [["--dataset=other"], /original or augmented/],
      [["--test-set=official,mine"], /official or reduced/],
      [["--sweep=q"], /Allowed choices are k/],
      [["--bootstrap=3"], /0 or at least 40/],
      [["--preset=nothing"], /nothing/],
    ] as const
  ) {
    using folder = temporaryFolder();
    const { code, stderr } = await commandLine([
      "tables",
      `--data=${folder.path}`,
      `--output=${folder.path}/out`,
      ...args,
    ]);
    equal(code, 2, stderr);
    match(stderr, wanted);
    deepEqual([...Deno.readDirSync(folder.path)], []);
  }
  using folder = temporaryFolder();
  const { code, stderr } = await commandLine(["tables", `--data=${folder.path}`]);
  equal(code, 2);
  match(stderr, /no-such-category/);
});
