import { deepEqual, match } from "node:assert/strict";
import { judgePose } from "./pose.ts";

const normal = [0.0003, 0.0004, 0.0005, null, 0.0002, 0.0004];

Deno.test("judgePose() calls a pose covered up to a tenth beyond the farthest normal scan", () => {
  deepEqual(judgePose(normal, 0.0005), { pose: { costMm: 0.5, covered: true, fits: true } });
  deepEqual(judgePose(normal, 0.000549).pose?.covered, true);
  const { pose, note } = judgePose(normal, 0.00056);
  deepEqual(pose?.covered, false);
  match(
    note!,
    /^no normal scan has its pose: its p-value is not to be relied on \(0\.56 mm from .* at most 0\.50 mm\)$/,
  );
});

Deno.test("judgePose() says of a scan far out what it may be, unless normal scans are as far", () => {
  match(judgePose(normal, 0.0017).note!, /^it is unlike every normal scan: another product, a part upside down/);
  deepEqual(judgePose([...normal, 0.002], 0.0017).note, undefined);
});

Deno.test("judgePose() has nothing to say without a cost, or without costs of normal scans", () => {
  deepEqual(judgePose(normal, null), { pose: null });
  deepEqual(judgePose(undefined, 0.0004), { pose: null });
  deepEqual(judgePose([null, null], 0.0004), { pose: null });
});

Deno.test("judgePose() allows twins of normal scans that are copies of each other the noise of a sensor", () => {
  deepEqual(judgePose([0, 0, 0], 0.00004), { pose: { costMm: 0.04, covered: true, fits: true } });
  match(judgePose([0, 0, 0], 0.00021).note!, /unlike every normal scan.*0\.21 mm.*at most 0\.05 mm/);
});

Deno.test("judgePose() calls a scan far out that takes up much of the limit, however far normal scans are from each other", () => {
  const fits = (normalCosts: number[], cost: number, limit: number) =>
    judgePose(normalCosts, cost, { limit }).pose?.fits;
  deepEqual([fits([0.001], 0.00164, 0.003), fits([0.001], 0.00166, 0.003)], [true, false], "over half of it");
  deepEqual(
    [fits([0.002], 0.00224, 0.0028), fits([0.0022], 0.0024, 0.0028)],
    [false, true],
    "nearly all normal: covered",
  );
  deepEqual([fits([0.0012], 0.00159, 0.0028), fits([0.0012], 0.00161, 0.0028)], [true, false], "a quarter of the rest");
  deepEqual([fits(normal as number[], 0.0017, 1), fits([0, 0], 0.0016, 0.0028), fits([0, 0], 0.0017, 0.0028)], [
    false,
    true,
    false,
  ], "four times the usual distance is far out before that, unless all are copies");
});

Deno.test("judgePose() says of methods with whole shapes that such a scan is anomalous", () => {
  const { note } = judgePose([0.001], 0.0017, { wholeShapes: true, limit: 0.003 });
  match(note!, /^no normal shape fits: another product, .*; it is anomalous whatever it scores \(1\.70 mm from/);
});
