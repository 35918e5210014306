import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Explanation, MapFrame, ScanFound } from "../core/mod.ts";
import { colourScale } from "./colour_scale.ts";
import { type PackedPatches, packPatches } from "./explained_patches.ts";
import { reportHtml } from "./html.ts";
import { explainWordsScript } from "./page_explain_script.ts";
import { reportScan } from "./report_scan.ts";

type Row = Readonly<Record<string, number>>;

/** The page's functions, as the page runs them. */
interface PageWords {
  unpack(packed: PackedPatches, bytes: Uint8Array): Row[];
  rowAt(rows: readonly Row[], x: number, y: number, reach: number): Row | undefined;
  wordsOf(row: Row, packed: PackedPatches): string;
}
const page: PageWords = new Function(`${explainWordsScript}; return { unpack, rowAt, wordsOf };`)();

const SIDE = 100, frame: MapFrame = { size: SIDE, width: 200, height: 200, side: 200, top: 0, left: 0 };

/** A patch a map pixel for the first `count` pixels; patch i scores i, and is `i % 7` deviations off in both channels. */
function explanationOf(count: number, local: boolean): Explanation {
  const list = (value: (i: number) => number) => Float32Array.from({ length: count }, (_, i) => value(i));
  const table = (value: (i: number, c: number) => number) =>
    Float32Array.from({ length: 3 * count }, (_, i) => value(Math.floor(i / 3), i % 3));
  const from = {
    scan: Int32Array.from({ length: count }, (_, i) => i % 2),
    pixel: Uint32Array.from({ length: count }, (_, i) => i),
    distance: list((i) => 1 + i / count),
  };
  return {
    map: { size: SIDE, values: Float32Array.from({ length: SIDE ** 2 }, (_, i) => 2 * i), score: 2 * count },
    channels: [
      { name: "row", meaning: "distance", against: "all have", unit: null, share: 0 },
      { name: "place", meaning: "distance", against: "normal scans have here", unit: null, share: 0.5 },
      { name: "offset", meaning: "gap", against: "normal scans have here", unit: "m", share: 0.5 },
    ],
    patches: {
      count,
      pixels: Uint32Array.from({ length: count }, (_, i) => i),
      patchOf: Uint32Array.from({ length: SIDE ** 2 }, (_, i) => i < count ? i : 0xffffffff),
      score: list((i) => i),
      values: table((i, c) => c === 2 ? 0.001 + i % 7 / 1000 : 10 + i % 7),
      expected: table((_, c) => c === 2 ? 0.001 : 10),
      spread: table((_, c) => c === 2 ? 0.001 : 1),
      z: table((i) => i % 7),
      nearest: from,
      usual: { mean: list(() => 0.5), deviation: list(() => 0.1) },
      ...(local ? { local: { ...from, scan: from.scan.map((scan, i) => i === 0 ? -1 : 1 - scan) } } : {}),
    },
    scans: [{ name: "train/</script>", frame }, { name: "train/001", frame }, { name: "train/002", frame: null }],
    trust: 1,
  };
}

Deno.test("packPatches() keeps every figure that counts to 1 / 65535 of its range, and whole numbers as they are", () => {
  const explanation = explanationOf(50, true), packed = packPatches(explanation, frame);
  const rows = page.unpack(packed, packed.table);
  equal(rows.length, 50);
  deepEqual(packed.channels.map(({ name, unit }) => [name, unit]), [["place", ""], ["offset", "mm"]]);
  rows.forEach((row, i) => {
    const { "nearest.scan": scan, "local.scan": local } = row;
    deepEqual([row.x, row.y, packed.scans[scan], row["nearest.x"]], [
      2 * i + 1,
      1,
      ["train/</script>", "train/001"][i % 2],
      2 * i + 1,
    ]);
    equal(packed.scans[local], i === 0 ? undefined : ["train/001", "train/</script>"][i % 2]);
    for (
      const [name, value, range] of [
        ["score", 2 * i, 98],
        ["alone", i, 49],
        ["nearest.distance", 1 + i / 50, 1],
        ["nearest.usual", 0.5, 0],
        ["place.value", 10 + i % 7, 6],
        ["offset.value", 1 + i % 7, 6],
        ["offset.expected", 1, 0],
        ["offset.z", i % 7, 6],
      ] as const
    ) {
      ok(Math.abs(row[name] - value) <= range / 65535 + 1e-6 * value, `${name} of ${i}: ${row[name]}, not ${value}`);
    }
  });
});

Deno.test("packPatches() leaves out what has no room: high scores stay, the rest is thinned", () => {
  const explanation = explanationOf(9000, true), packed = packPatches(explanation, frame);
  const text = JSON.stringify({ ...packed, table: packed.table.toBase64() });
  ok(text.length < 150_000 && text.length > 140_000, `${text.length} bytes`);
  const rows = page.unpack(packed, packed.table), kept = rows.map(({ alone }) => Math.round(alone));
  const half = Math.ceil(packed.count / 2);
  deepEqual(kept.slice(-half), Array.from({ length: half }, (_, i) => 9000 - half + i));
  const rest = kept.slice(0, -half), most = Math.max(...rest.slice(1).map((patch, i) => patch - rest[i]));
  ok(most <= Math.ceil(9000 / half), `no gap of more than ${most}`);
  equal(packPatches(explanationOf(0, false), frame).count, 0);
});

Deno.test("the page finds the patch of a place, and says what is known of it", () => {
  const packed = packPatches(explanationOf(50, true), frame), rows = page.unpack(packed, packed.table);
  const row = page.rowAt(rows, 26, 3, packed.reach)!;
  equal(row.x, 27, "patch 13, of which the middle is nearer than that of 12");
  equal(page.rowAt(rows, 27, 150, packed.reach), undefined);
  const words = page.wordsOf(row, packed).split("\n");
  equal(words[0], "Score 26 at 27, 1; the patch alone 13, where 1 is what one normal patch in a hundred is above.");
  equal(words[1], "place: 1.6 times the distance that normal scans have here (6.0 deviations).");
  equal(words[2], "offset: 7.0 times the gap that normal scans have here, 7 mm (6.0 deviations).");
  match(
    words[3],
    /^Nearest patch of the memory bank: train\/001 at 27, 1, at a distance of 1\.26; usual to it 0\.5\.$/,
  );
  equal(words[4], "Nearest at the same place: train/</script> at 27, 1.");
  const usual = page.wordsOf(page.rowAt(rows, 1, 1, packed.reach)!, packed).split("\n");
  equal(usual[1], "place: no more than the distance that normal scans have here (0.0 deviations).");
  equal(usual.length, 4, "the first patch has none at the same place");
  const alone = packPatches(explanationOf(50, false), frame);
  ok(!page.wordsOf(page.unpack(alone, alone.table)[5], alone).includes("same place"));
});

/** A page of one scan, asked or not; its name wants to be mark-up. */
function pageOf(explained: boolean): string {
  const side = 100, name = `</script><b>`, points = new Float32Array(3 * side * side);
  for (let i = 0; i < side * side; i++) points.set([(i % side) / 1000, Math.floor(i / side) / 1000, 0.5], 3 * i);
  const scan = { name, width: side, height: side, points, valid: new Uint8Array(side * side).fill(1) };
  const found: ScanFound = {
    input: name,
    score: 1,
    pValue: null,
    threshold: null,
    thresholdOrigin: "none",
    decision: "normal",
    notes: [],
    pose: null,
    decidedBy: null,
    regions: [],
    files: {},
    seconds: 1,
  };
  const scale = colourScale({ max: 4, threshold: null }), scores = new Float32Array(side * side);
  const one = (explanation?: Explanation) =>
    reportScan({ found, scan, scores, scale, mapThreshold: null, explained: explanation && { explanation, frame } });
  return reportHtml({
    detect: {
      schema: "uni3dad.detect/1",
      adapter: { description: "none", software: true },
      model: {
        name: "m",
        method: "fpfh",
        preset: "default",
        version: "0",
        trainScans: 2,
        suspects: [],
        fingerprint: "",
        facts: {},
        calibration: null,
      },
      scans: [found, found],
    },
    scans: [one(explained ? explanationOf(50, true) : undefined), one()],
    scale,
    seed: 0,
    plotly: "",
  });
}

Deno.test("reportHtml() lets the maps be asked that have an explanation, and says which", () => {
  const html = pageOf(true);
  equal(html.match(/data-why="patches-scan-1" aria-describedby="why-scan-1"/g)?.length, 1);
  equal(html.match(/tabindex="0"/g)?.length, 1, "the other scan's map has nothing to tell");
  equal(html.match(/<output class="why needs-scripts" id="why-scan-1">/g)?.length, 1);
  ok(html.includes("The maps of the first 1 scan can be asked."));
  const [, json] = /<script type="application\/json" id="patches-scan-1">([^<]*)<\/script>/.exec(html)!;
  const packed: Omit<PackedPatches, "table"> & { readonly table: string } = JSON.parse(json);
  const bytes = Uint8Array.fromBase64(packed.table), again = { ...packed, table: bytes };
  match(page.wordsOf(page.unpack(again, bytes)[4], again), /bank: train\/<\/script> at 9, 1/);
  ok(html.includes(explainWordsScript));
  const plain = pageOf(false);
  ok(!plain.includes("data-why=") && !plain.includes("<output") && !plain.includes("Click a place"));
});
