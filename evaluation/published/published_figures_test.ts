import { deepEqual, equal, ok } from "node:assert/strict";
import { sharedData } from "../../tests/shared_data.ts";
import figures from "./published_figures.json" with { type: "json" };
import { publishedFor } from "./published_figures.ts";

const reference = { extractor: "fpfh", preset: "reference" };
const values = (...[method, dataset]: [Parameters<typeof publishedFor>[0], "original" | "augmented"]) =>
  figures.categories.map((category) => publishedFor(method, dataset, "au_pro_0.3", category)?.value);

Deno.test("publishedFor() has the printed figures of Tables 3 to 5 under our names of the methods", () => {
  const fused = (extractor: string, fuser: string) => ({ extractor, reconstructor: "sp-gan", fuser, preset: "paper" });
  deepEqual(
    values(reference, "original"),
    [0.973, 0.871, 0.982, 0.907, 0.888, 0.742, 0.977, 0.982, 0.955, 0.962, 0.924],
  );
  deepEqual(
    values(fused("fpfh", "ocsvm"), "augmented"),
    [0.973, 0.874, 0.982, 0.947, 0.888, 0.766, 0.975, 0.956, 0.955, 0.963, 0.928],
  );
  deepEqual(
    values(fused("fpfh", "mean-std"), "original"),
    [0.95, 0.818, 0.966, 0.917, 0.842, 0.762, 0.959, 0.981, 0.941, 0.806, 0.894],
  );
  deepEqual(values(fused("fpfh", "mean-std"), "augmented"), Array(11).fill(undefined));
  for (
    const [extractor, alone, withGan] of [
      ["m3dm", "M3DM (3D)", "M3DM + GAN"],
      ["shape-guided", "Shape-guided (3D)", "Shape-guided + GAN"],
    ]
  ) {
    const of = (method: Parameters<typeof publishedFor>[0]) =>
      publishedFor(method, "original", "au_pro_0.3", "mean")?.method;
    equal(of({ extractor, preset: "default" }), alone);
    equal(of(fused(extractor, "ocsvm")), withGan);
    equal(of(fused(extractor, "mean-std")), undefined);
  }
});

Deno.test("publishedFor() takes the first table of a paper where two differ, and keeps test sets apart", () => {
  const shapeGuided = { extractor: "shape-guided", preset: "reference" };
  const tire = (dataset: "original" | "original-full") => publishedFor(shapeGuided, dataset, "au_pro_0.3", "tire");
  deepEqual([tire("original")?.value, tire("original")?.source], [0.97, "uni-3dad table 3"]);
  deepEqual([tire("original-full")?.value, tire("original-full")?.confidence], [0.969, "read"]);
  equal(publishedFor({ ...reference, extractor: "m3dm" }, "original-full", "au_pro_0.3", "foam")?.value, 0.743);
  equal(publishedFor(reference, "original", "i_auroc", "bagel"), undefined);
  equal(typeof publishedFor(reference, "original-full", "i_auroc", "bagel")?.value, "number");
});

Deno.test("publishedFor() says whether ours is the published procedure", () => {
  const is = (reconstructor: string | undefined, preset: string) =>
    publishedFor(
      { extractor: "fpfh", reconstructor, fuser: reconstructor && "ocsvm", preset },
      "original",
      "au_pro_0.3",
      "rope",
    )?.asPublished;
  deepEqual([is(undefined, "reference"), is(undefined, "default")], [true, false]);
  deepEqual([is("sp-gan", "paper"), is("sp-gan", "default"), is("nearest-normal", "paper")], [true, false, false]);
});

Deno.test("publishedFor() knows nothing of other methods and products", () => {
  const of = (extractor: string, category = "bagel", fuser?: string) =>
    publishedFor({ extractor, fuser, preset: "reference" }, "original", "au_pro_0.3", category);
  deepEqual(
    [of("mine"), of("fpfh", "casting"), of("fpfh", "bagel", "calibrated"), of("constructor"), of("fpfh", "")],
    Array(5).fill(undefined),
  );
});

Deno.test("each series has eleven shares, and its mean is the printed one", () => {
  equal(figures.categories.at(-1), "mean");
  for (const { method, dataset, metric, confidence, source, values } of figures.series) {
    const name = `${method}, ${dataset}, ${metric}, ${source}`;
    ok(dataset in figures.datasets && metric in figures.metrics && confidence in figures.confidence, name);
    ok(values.length === 11 && values.every((value) => value > 0 && value < 1), name);
    const mean = values.slice(0, 10).reduce((sum, value) => sum + value, 0) / 10;
    // printed means are cut or rounded to three places, and Shape-guided's AUROC of 0.916 is 0.9147 of its ten values
    ok(Math.abs(mean - values[10]) < 0.0015, `${name}: ${mean}, printed ${values[10]}`);
  }
});

const tables = sharedData("reference/published-tables.json");
Deno.test({
  name: "the figures are those of the reference, row by row",
  ignore: tables === undefined,
  fn: () => {
    const ours = figures.series.flatMap(({ values, ...series }) =>
      values.map((value, at) => ({ ...series, category: figures.categories[at], value }))
    );
    const sorted = (rows: readonly Record<string, unknown>[]) =>
      rows.map((row) => JSON.stringify(Object.entries(row).sort())).sort();
    deepEqual(sorted(ours), sorted(JSON.parse(Deno.readTextFileSync(tables!)).rows));
  },
});
