/** What `evaluate` adds on demand, from the command line to the document and its tables. @module */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { EvaluateDocument, EvaluateRun } from "../evaluation/mod.ts";
import { sharedGpu } from "../testing/mod.ts";
import { commandLine, sharedDataset, SMALL, smallDataset } from "./command_line.ts";
import { temporaryFolder } from "./run_deno.ts";

const adapter = await sharedGpu() !== undefined;
const dataset = sharedDataset();

function test(name: string, run: (evaluate: (...args: string[]) => ReturnType<typeof commandLine>) => Promise<void>) {
  const fn = async () => {
    const path = await dataset();
    await run((...args) =>
      commandLine(["evaluate", `--data=${path}`, "--category=bagel", "--quiet", ...SMALL, ...args])
    );
  };
  Deno.test({ name, ignore: !adapter, sanitizeOps: false, sanitizeResources: false, fn });
}

const documentOf = ({ code, stdout, stderr }: Awaited<ReturnType<typeof commandLine>>): EvaluateDocument => {
  equal(code, 0, stderr);
  return JSON.parse(stdout);
};

const figures = ({ auPro, pixelAuroc, scanAuroc }: EvaluateRun) => [auPro.exact, pixelAuroc, scanAuroc];

test("evaluate --bootstrap gives intervals around the figures, and differences of the presets", async (evaluate) => {
  const document = documentOf(await evaluate("--json", "--preset=reference,default,reference", "--bootstrap=100"));
  const { runs, differences = [] } = document;
  for (const { intervals, auPro, pixelAuroc, byDefect } of runs) {
    equal(intervals!.rounds, 100);
    for (
      const [figure, interval] of [[auPro.exact["0.3"], intervals!.exact["0.3"]], [
        pixelAuroc,
        intervals!.pixelAuroc,
      ]] as const
    ) {
      ok(interval![0] <= figure && figure <= interval![1], `${interval} around ${figure}`);
    }
    deepEqual(Object.keys(byDefect.dent.intervals!), ["exact", "pixelAuroc", "scanAuroc"]);
  }
  deepEqual(differences.map(({ from, to, runs, scans }) => [from, to, runs.join(), scans]), [
    ["fpfh reference", "fpfh default", "0,1", 8],
    ["fpfh reference", "fpfh reference", "0,2", 8],
    ["fpfh default", "fpfh reference", "1,2", 8],
  ]);
  const [first, same, back] = differences.map(({ exact }) => exact["0.3"]!);
  ok(Math.abs(first.value - (runs[1].auPro.exact["0.3"] - runs[0].auPro.exact["0.3"])) < 1e-3);
  deepEqual(same, { value: 0, interval: [0, 0], p: 1 });
  deepEqual([back.value, back.p], [-first.value, first.p]);
});

test("evaluate --train-scans and --contaminate fit to other sets, and judge all by the same scans", async (evaluate) => {
  const { runs } = documentOf(await evaluate("--json", "--train-scans=2,4", "--contaminate=0,0.25"));
  deepEqual(
    runs.map((
      { trainScans, trainScansAsked, contaminated, contaminatedShare, testScans },
    ) => [trainScans, trainScansAsked, contaminated, contaminatedShare, testScans]),
    [[2, 2, 0, 0, 7], [2, 2, 1, 0.25, 7], [4, 4, 0, 0, 7], [4, 4, 1, 0.25, 7]],
  );
  equal(new Set(runs.map(({ byDefect }) => Object.keys(byDefect).join())).size, 1);
  equal(new Set(runs.map((run) => JSON.stringify(figures(run)))).size, 4, "each set gives a model of its own");
});

test("evaluate --false-alarms holds what the calibration states against what good scans do", async (evaluate) => {
  const { runs: [run] } = documentOf(await evaluate("--json", "--false-alarms"));
  equal(run.falseAlarms!.scans, 2);
  deepEqual(Object.keys(run.falseAlarms!.rates), ["0.01", "0.05", "0.1"]);
  deepEqual(Object.keys(run.falseAlarms!.found).toSorted(), Object.keys(run.byDefect).toSorted());
  for (const { reachable, seen, lower, upper } of Object.values(run.falseAlarms!.rates)) {
    deepEqual([reachable, seen, lower], [1 / 5, 0, 0], "four scans promise no rate below 20 %");
    ok(Math.abs(upper - (1 - 0.025 ** 0.5)) < 1e-9, `${upper}: Clopper and Pearson's closed form for 0 of 2`);
  }
});

test("evaluate has tables for the terminal and for Markdown of all of it", async (evaluate) => {
  const asked = ["--bootstrap=40", "--contaminate=0,0.25", "--false-alarms"];
  const { code, stdout } = await evaluate(...asked);
  equal(code, 0);
  match(stdout, /draws of the test scans/);
  match(
    stdout,
    /^bagel +fpfh default, 0 of 4 training scans defective → fpfh default, 1 of 4 training scans defective +7 /m,
  );
  match(stdout, /false alarms among 2 good test scans/);
  const markdown = await evaluate(...asked, "--markdown");
  equal(markdown.code, 0);
  for (const head of ["product, method", "95 % interval", "difference", "false alarms"]) {
    match(markdown.stdout, new RegExp(`^\\| ${head}.*\\n\\| ---`, "m"));
  }
});

test("evaluate --contaminate checks again after the draw: a scan that moves must not leave a twin in the test set", async (_) => {
  using folder = temporaryFolder();
  await smallDataset(folder.path);
  const types = `${folder.path}/bagel/test`;
  for await (const { name } of Deno.readDir(types)) {
    if (name === "good") continue;
    for (const kind of ["xyz/000.tiff", "gt/000.png"]) {
      await Deno.copyFile(`${types}/${name}/${kind}`, `${types}/${name}/${kind.replace("000", "001")}`);
    }
  }
  const { code, stderr } = await commandLine([
    "evaluate",
    `--data=${folder.path}`,
    "--category=bagel",
    ...SMALL,
    "--contaminate=0.25",
  ]);
  equal(code, 2, stderr);
  match(stderr, /\[overlapping-sets\]/);
});

const TOYS = ["--extractor=./testing/toy_branches.ts", "--method=fpfh+toy/toy"];

test("evaluate --branches has the figures of each branch by itself", async (evaluate) => {
  const { runs: [run] } = documentOf(await evaluate(...TOYS, "--branches", "--json"));
  const { runs: [alone] } = documentOf(await evaluate("--json"));
  equal(run.method, "fpfh+toy/toy");
  const { feature, missing } = run.branches!;
  deepEqual([feature.auPro, feature.pixelAuroc, feature.scanAuroc], [
    alone.auPro,
    alone.pixelAuroc,
    alone.scanAuroc,
  ], "the feature branch is what it is without the other");
  deepEqual([Object.keys(missing.byDefect), "bySize" in run], [Object.keys(run.byDefect), false]);
  for (const stage of ["reconstruct", "missing", "fuse"]) ok(run.seconds.stages[stage] >= 0, stage);
  const { runs: [plain] } = documentOf(await evaluate(...TOYS, "--json"));
  deepEqual([plain.branches, figures(plain)], [undefined, figures(run)]);
  const table = await evaluate(...TOYS, "--branches");
  match(table.stdout, /^bagel +fpfh\+toy\/toy .*\n +S1 alone .*\n +S2 alone /m);
  const refused = await evaluate("--branches");
  deepEqual([refused.code, refused.stdout], [2, ""]);
  match(refused.stderr, /fpfh has one branch.*\[options-refused\]/);
});

test("evaluate tells the figures by the size of the missing piece where the data set says it", async (_) => {
  using folder = temporaryFolder();
  await smallDataset(folder.path);
  const types: string[] = [];
  for await (const { name } of Deno.readDir(`${folder.path}/bagel/test`)) if (name !== "good") types.push(name);
  const [large, small] = types.toSorted().map((type) => `test/${type}/xyz/000.tiff`);
  const files = [{ file: large, sizeClass: "10-30" }, { file: small, sizeClass: "1-3" }];
  const write = (schema: string) =>
    Deno.writeTextFile(`${folder.path}/bagel/augmentation.json`, JSON.stringify({ schema, files }));
  const evaluate = () =>
    commandLine(["evaluate", `--data=${folder.path}`, "--category=bagel", "--quiet", ...SMALL, "--json"]);
  await write("uni3dad.augment/1");
  const { runs: [{ bySize = {}, byDefect }] } = documentOf(await evaluate());
  const [first, second] = types.toSorted();
  deepEqual(Object.keys(bySize), ["1-3", "10-30"]);
  for (const [figures, wanted] of [[bySize["1-3"], byDefect[second]], [bySize["10-30"], byDefect[first]]]) {
    deepEqual([figures.scans, figures.scanAuroc], [wanted.scans, wanted.scanAuroc]);
    for (const [limit, area] of Object.entries(wanted.auPro.exact)) {
      ok(Math.abs(figures.auPro.exact[limit] - area) < 1e-12, `${limit}: ${figures.auPro.exact[limit]}, ${area}`);
    }
  }
  await write("something/1");
  const { code, stderr } = await evaluate();
  equal(code, 2);
  match(stderr, /\[manifest-refused\]/);
});

test("evaluate refuses draws, sizes and shares that cannot be", async (evaluate) => {
  for (
    const [wrong, words] of [
      ["--bootstrap=7", /0 or at least 40/],
      ["--bootstrap=many", /whole number/],
      ["--train-scans=1,4", /whole numbers from 2/],
      ["--train-scans=9", /too-few-scans/],
      ["--contaminate=1", /shares from 0 to below 1/],
    ] as const
  ) {
    const { code, stdout, stderr } = await evaluate(wrong);
    deepEqual([code, stdout], [2, ""], wrong);
    match(stderr, words);
  }
});
