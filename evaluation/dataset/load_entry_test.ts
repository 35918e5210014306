import { equal, rejects } from "node:assert/strict";
import { memoryStorage } from "../../core/mod.ts";
import { writePng, writeTiff } from "../../formats/mod.ts";
import { MaskSizeMismatch } from "./errors.ts";
import { loadEntry } from "./load_entry.ts";

const scan = writeTiff({
  width: 3,
  height: 2,
  samples: 3,
  values: Float32Array.from({ length: 18 }, (_, i) => i < 3 ? 0 : i),
});
const mask = (width: number, height: number) =>
  writePng({
    width,
    height,
    channels: 1,
    values: Uint8Array.from({ length: width * height }, (_, i) => i === 4 ? 252 : 0),
  });
const storage = memoryStorage({ "s.tiff": scan, "m.png": mask(3, 2), "turned.png": mask(2, 3) });

Deno.test("loadEntry() reads the scan and its mask, whatever the class value", async () => {
  const { name, width, height, valid, truth } = await loadEntry(storage, {
    name: "bent/000",
    defect: "bent",
    file: "s.tiff",
    mask: "m.png",
  });
  equal(name, "bent/000");
  equal([width, height].join(), "3,2");
  equal(valid.join(), "0,1,1,1,1,1");
  equal(truth?.values.join(), "0,0,0,0,1,0");
});

Deno.test("loadEntry() gives a good scan without a mask a truth of zeros, a defective one none", async () => {
  const good = await loadEntry(storage, { name: "good/000", defect: "good", file: "s.tiff" });
  equal(good.truth?.values.join(), "0,0,0,0,0,0");
  equal((await loadEntry(storage, { name: "bent/000", defect: "bent", file: "s.tiff" })).truth, undefined);
});

Deno.test("loadEntry() refuses a mask of another size, even of as many pixels", async () => {
  await rejects(
    loadEntry(storage, { name: "bent/000", defect: "bent", file: "s.tiff", mask: "turned.png" }),
    (e: unknown) => {
      return e instanceof MaskSizeMismatch && e.code === "mask-size-mismatch" && e.message.includes("3 × 2") &&
        e.message.includes("2 × 3");
    },
  );
});
