import { deepEqual, equal, ok } from "node:assert/strict";
import { clopperPearson } from "../core/mod.ts";
import { falseAlarmsOf } from "./false_alarms.ts";

const judged = (...pValues: number[]) => pValues.map((pValue) => ({ pValue, flagged: null }));

Deno.test("falseAlarmsOf() counts p-values up to the stated rate, with their interval", () => {
  const { scans, rates } = falseAlarmsOf(judged(0.01, 0.05, 0.06, 0.5, 1), 99)!;
  equal(scans, 5);
  deepEqual(rates, {
    "0.01": { stated: 0.01, reachable: 0.01, seen: 0.2, ...clopperPearson(1, 5) },
    "0.05": { stated: 0.05, reachable: 0.01, seen: 0.4, ...clopperPearson(2, 5) },
    "0.1": { stated: 0.1, reachable: 0.01, seen: 0.6, ...clopperPearson(3, 5) },
  });
});

Deno.test("falseAlarmsOf() says which rates few calibration scans cannot reach", () => {
  const { rates } = falseAlarmsOf(judged(1 / 13, 1), 12)!; // 1/13 is the least p-value of 12 scans
  ok(rates["0.05"].reachable > 0.05 && rates["0.1"].reachable < 0.1);
  deepEqual([rates["0.05"].seen, rates["0.1"].seen], [0, 0.5]);
});

Deno.test("falseAlarmsOf() counts the alarms among defective scans by type, at the default rate", () => {
  const defective = [["bent", 0.01], ["cut", 0.05], ["bent", 0.051], ["bent", 0.9]] as const;
  const { found } = falseAlarmsOf(judged(1), 99, defective.map(([defect, pValue]) => ({ defect, pValue })))!;
  deepEqual(found, {
    bent: { scans: 3, found: 1 / 3, ...clopperPearson(1, 3) },
    cut: { scans: 1, found: 1, ...clopperPearson(1, 1) },
  });
});

Deno.test("falseAlarmsOf() has nothing to say without a good scan", () => {
  equal(falseAlarmsOf([], 12), undefined);
});

Deno.test("falseAlarmsOf() tells the mean share of a part that is marked, where there is a threshold", () => {
  const good = [{ pValue: 0.5, flagged: 0.02 }, { pValue: 0.9, flagged: 0 }];
  equal(falseAlarmsOf(good, 99)?.flagged, 0.01);
  equal(falseAlarmsOf(judged(0.5), 99)?.flagged, null);
});
