import { deepEqual, equal } from "node:assert/strict";
import type { ScoreMap } from "../core/mod.ts";
import { temporaryFolder } from "../tests/run_deno.ts";
import { openBranchStore, type StoredHeldOut } from "./branch_store.ts";

const map = (first: number): ScoreMap => ({
  size: 3,
  values: Float32Array.from({ length: 9 }, (_, i) => first + i / 7),
  score: first + 1e-17,
});
const truth = Uint8Array.from({ length: 9 }, (_, i) => i % 2);
const heldOut: StoredHeldOut = {
  heldOut: {
    kind: "leave-one-out",
    folds: 2,
    found: [
      {
        name: "train/000",
        cost: 0.1 + 0.2,
        feature: map(1),
        missing: map(0),
        defects: [
          { kind: "dent", truth, feature: map(2), missing: map(3) },
          { kind: "hole", truth: truth.map((v) => 1 - v), feature: map(4), missing: map(5) },
        ],
      },
      { name: "train/001", cost: null, feature: map(6), missing: map(7), defects: [] },
    ],
  },
  refused: [{ input: "bagel/train/002", error: { code: "scan-refused", message: "empty" } }],
};
const scan = { name: "bent/005", digest: "0123456789abcdef".repeat(4) };

Deno.test("openBranchStore() gives back what was kept, to the bit, also when it is opened again", async () => {
  using folder = temporaryFolder();
  const store = openBranchStore(`${folder.path}/store`);
  deepEqual([await store.heldOut(), await store.scan(scan)], [undefined, undefined]);
  await store.keepHeldOut(heldOut);
  const maps = { feature: map(8), missing: map(9), truth };
  await store.keepScan(scan, maps);
  await store.keepScan({ ...scan, name: "bent/006" }, { feature: map(8), missing: map(9) });
  const refused = { input: "bagel/bent/007", error: { code: "scan-refused", message: "too far" } };
  await store.keepRefused({ ...scan, name: "bent/007" }, refused);
  for (const opened of [store, openBranchStore(`${folder.path}/store`)]) {
    deepEqual(await opened.heldOut(), heldOut);
    deepEqual(await opened.scan(scan), maps);
    deepEqual(await opened.scan({ ...scan, name: "bent/006" }), { feature: map(8), missing: map(9) });
    deepEqual(await opened.scan({ ...scan, name: "bent/007" }), refused);
    equal(await opened.scan({ ...scan, digest: "f".repeat(64) }), undefined, "another scan of that name");
  }
});

Deno.test("a store whose files are torn, or lack some, says that nothing is there", async () => {
  using folder = temporaryFolder();
  const store = openBranchStore(folder.path), file = `test/${scan.name}-${scan.digest.slice(0, 16)}.safetensors`;
  await store.keepScan(scan, { feature: map(1), missing: map(2) });
  const whole = Deno.readFileSync(`${folder.path}/${file}`);
  for (const length of [0, 7, 60, whole.length - 1]) {
    Deno.writeFileSync(`${folder.path}/${file}`, whole.subarray(0, length));
    equal(await store.scan(scan), undefined, `${length} bytes`);
  }
  await store.keepHeldOut(heldOut);
  Deno.removeSync(`${folder.path}/held-out/001.safetensors`);
  equal(await store.heldOut(), undefined);
  await store.keepHeldOut(heldOut);
  folder.put("held-out.json", "{");
  equal(await store.heldOut(), undefined);
});
