import { deepEqual, equal, notEqual, rejects } from "node:assert/strict";
import { builtIn } from "../plugins/mod.ts";
import { type RowsWanted, tableRows } from "./tables_methods.ts";

const fusers = builtIn.plugins.filter(({ kind }) => kind === "fuser").map(({ name }) => name);
const rowsOf = (wanted: Partial<RowsWanted> = {}) => tableRows({ presets: ["default"], ...wanted }, builtIn);
const named = (rows: Awaited<ReturnType<typeof rowsOf>>) => rows.map(({ method, preset }) => `${method} ${preset}`);

const reconstructors = builtIn.plugins.filter(({ kind }) => kind === "reconstructor").map(({ name }) => name);

Deno.test("tableRows() has each branch alone, then each pair with each fuser, and one pair of branches for all fusers", async () => {
  const rows = await rowsOf();
  deepEqual(named(rows), [
    "fpfh default",
    ...reconstructors.map((reconstructor) => `${reconstructor} default`),
    ...reconstructors.flatMap((reconstructor) => fusers.map((fuser) => `fpfh+${reconstructor}/${fuser} default`)),
  ]);
  equal(new Set(rows.map(({ pair }) => pair)).size, reconstructors.length);
  for (const { kind, branches, method } of rows) {
    const of = rows.filter((row) =>
      row.kind === "feature" || row.kind === "missing" && method.includes(`+${row.method}/`)
    );
    deepEqual(branches, kind === "fused" ? of : []);
  }
});

Deno.test("tableRows() names a branch once, by the preset that it has itself", async () => {
  const rows = await rowsOf({ methods: ["fpfh+nearest-normal/mean-std"], presets: ["default", "reference", "rigid"] });
  deepEqual(named(rows), [
    "fpfh default",
    "fpfh reference",
    "nearest-normal default",
    "nearest-normal reference",
    "nearest-normal rigid",
    ...["default", "reference", "rigid"].map((preset) => `fpfh+nearest-normal/mean-std ${preset}`),
  ]);
  const [, , fused, reference, rigid] = rows.slice(3);
  deepEqual([fused, reference, rigid].map(({ branches }) => named([...branches]).join(" + ")), [
    "fpfh default + nearest-normal default",
    "fpfh reference + nearest-normal reference",
    "fpfh default + nearest-normal rigid",
  ]);
  equal(new Set([fused, reference, rigid].map(({ pair }) => pair)).size, 3);
});

Deno.test("tableRows() of a branch's own name has that branch alone; what changes options changes the pair", async () => {
  deepEqual(named(await rowsOf({ methods: ["nearest-normal"] })), ["nearest-normal default"]);
  deepEqual(named(await rowsOf({ methods: ["fpfh"], presets: ["reference"] })), ["fpfh reference"]);
  const changed = await rowsOf({ overrides: { extractor: { trials: 3 } } });
  notEqual(changed[0].pair, (await rowsOf())[0].pair);
  const [fused] = (await rowsOf({ methods: [`fpfh+nearest-normal/mean-std`], overrides: { fuser: { rule: "max" } } }))
    .filter(({ kind }) => kind === "fused");
  equal(fused.pair, (await rowsOf())[0].pair, "what joins branches leaves their maps alone");
});

Deno.test("tableRows() refuses names that nobody has", async () => {
  await rejects(rowsOf({ methods: ["nothing"] }), { code: "unknown-name" });
  await rejects(rowsOf({ methods: ["fpfh+nearest-normal"] }), { code: "options-refused" });
  await rejects(rowsOf({ presets: ["default", "nothing"] }), { code: "unknown-name" });
});
