import { deepEqual, equal, ok } from "node:assert/strict";
import { clopperPearson } from "../core/mod.ts";
import { falseAlarmsOf } from "./false_alarms.ts";

Deno.test("falseAlarmsOf() counts p-values up to the stated rate, with their interval", () => {
  const { scans, rates } = falseAlarmsOf([0.01, 0.05, 0.06, 0.5, 1], 99)!;
  equal(scans, 5);
  deepEqual(rates, {
    "0.01": { stated: 0.01, reachable: 0.01, seen: 0.2, ...clopperPearson(1, 5) },
    "0.05": { stated: 0.05, reachable: 0.01, seen: 0.4, ...clopperPearson(2, 5) },
    "0.1": { stated: 0.1, reachable: 0.01, seen: 0.6, ...clopperPearson(3, 5) },
  });
});

Deno.test("falseAlarmsOf() says which rates few calibration scans cannot reach", () => {
  const { rates } = falseAlarmsOf([1 / 13, 1], 12)!; // 1/13 is the least p-value of 12 scans
  ok(rates["0.05"].reachable > 0.05 && rates["0.1"].reachable < 0.1);
  deepEqual([rates["0.05"].seen, rates["0.1"].seen], [0, 0.5]);
});

Deno.test("falseAlarmsOf() has nothing to say without a good scan", () => {
  equal(falseAlarmsOf([], 12), undefined);
});
