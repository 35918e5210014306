/** Why a place is marked: from the command line to the document and its table, and in the report. @module */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { ExplainDocument } from "../core/mod.ts";
import { sharedGpu } from "../testing/mod.ts";
import { commandLine, sharedDataset, SMALL } from "./command_line.ts";

const adapter = await sharedGpu() !== undefined;
const dataset = sharedDataset();

function test(name: string, run: (explain: (...args: string[]) => ReturnType<typeof commandLine>) => Promise<void>) {
  const fn = async () => {
    const path = await dataset();
    await run((...args) =>
      commandLine([
        "evaluate",
        `--data=${path}`,
        "--category=bagel",
        "--quiet",
        "--set=extractor.trials=0",
        ...SMALL,
        ...args,
      ])
    );
  };
  Deno.test({ name, ignore: !adapter, sanitizeOps: false, sanitizeResources: false, fn });
}

test("evaluate --explain tells of the highest places of a scan, by normal patches of training scans", async (explain) => {
  const { code, stdout, stderr } = await explain("--explain=hole/000", "--json");
  equal(code, 0, stderr);
  const document: ExplainDocument = JSON.parse(stdout);
  deepEqual([document.schema, document.scan.name, document.scan.defect], ["uni3dad.explain/1", "hole/000", "hole"]);
  const { places, channels, scan } = document;
  ok(places.length >= 1 && places.length <= 5);
  equal(places[0].score, scan.score, "the highest place has the scan's score");
  ok(places.every(({ score }, i) => i === 0 || score <= places[i - 1].score));
  ok(Math.abs(channels.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-6);
  for (const { nearest, channels: told, pixel } of places) {
    match(nearest.scan, /^train\/00[0-3]$/);
    deepEqual(Object.keys(told), channels.map(({ name }) => name));
    ok([...pixel, ...nearest.pixel].every((i) => i >= 0 && i < 64), `${pixel}, ${nearest.pixel}`);
  }
});

test("evaluate --explain has a table, of a good scan and of the place that is asked for too, the hole of a bagel", async (explain) => {
  const { code, stdout } = await explain("--explain=good/000", "--at=32,31");
  equal(code, 0);
  match(stdout, /^bagel, scan good\/000 \(good\): score \d/);
  match(
    stdout,
    /^place 1: pixel 32, 31, without a measurement; told of 31, 28 beside it; .* mm; score .*, the patch alone /m,
  );
  ok(!stdout.includes("place 2"));
  match(stdout, /^channel +share +value +expected +z$/m);
  match(stdout, /^nearest patch of the memory bank: train\/00\d at pixel \d+, \d+, distance /m);
});

test("evaluate --explain refuses what it can't tell", async (explain) => {
  for (
    const [args, words] of [
      [["--explain=hole/000", "--preset=reference"], /not-explainable/],
      [["--explain=hole/999"], /unknown-name/],
      [["--explain=hole/000", "--at=64,3"], /pixel 64, 3 lies outside of hole\/000, which has 64 × 64/],
      [["--explain=hole/000", "--at=7"], /a column and a row/],
      [["--at=7,7"], /needs --explain/],
      [["--explain=hole/000", "--preset=default,reference"], /one method/],
      [["--explain=hole/000", "--audit"], /cannot be used with/],
    ] as const
  ) {
    const { code, stdout, stderr } = await explain(...args);
    deepEqual([code, stdout], [2, ""], args.join(" "));
    match(stderr, words);
  }
});
