import { deepEqual, rejects } from "node:assert/strict";
import { readPng, writePng } from "../formats/mod.ts";
import { sampleView } from "../tests/stub_scorer.ts";
import { sampleDocument } from "../tests/sample_document.ts";
import { scanOf } from "./store/results.ts";
import { viewPicture } from "./view_picture.ts";

const view = sampleView(scanOf(sampleDocument())); // grey 100 and 200, half red over the second

Deno.test("viewPicture() lays the scores over the shaded scan", async () => {
  const { width, height, channels, values } = await readPng(await viewPicture(view));
  deepEqual({ width, height, channels }, { width: 2, height: 1, channels: 3 });
  const half = 128 / 255;
  deepEqual([...values], [
    100,
    100,
    100,
    Math.round(200 + 55 * half),
    Math.round(200 - 200 * half),
    Math.round(200 - 200 * half),
  ]);
});

Deno.test("viewPicture() lays outlines over the scores, what is missing on top", async () => {
  const layer = (...values: number[]) =>
    writePng({ width: 2, height: 1, channels: 4, values: Uint8Array.from(values) }).toBase64();
  const regions = layer(255, 255, 255, 255, 0, 0, 0, 0), missing = layer(1, 2, 3, 255, 0, 0, 0, 0);
  const pixels = async (
    change: Partial<typeof view.pictures>,
  ) => [
    ...(await readPng(await viewPicture({ ...view, pictures: { ...view.pictures, ...change } }))).values.subarray(0, 3),
  ];
  deepEqual(await pixels({ regions }), [255, 255, 255]);
  deepEqual(await pixels({ regions, missing }), [1, 2, 3]);
});

Deno.test("viewPicture() refuses a view whose picture is damaged", async () => {
  const pictures = { ...view.pictures, heat: "AAAA" };
  await rejects(viewPicture({ ...view, pictures }), { code: "malformed-file" });
});
