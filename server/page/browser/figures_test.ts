import { deepEqual, equal } from "node:assert/strict";
import { area, counted, moment, percent, place, significant } from "./figures.ts";
import { ticksUpTo } from "./ticks.ts";

Deno.test("numbers have three digits that count", () => {
  const cases: readonly (readonly [number | null, string])[] = [
    [0, "0"],
    [0.01234, "0.0123"],
    [4.556, "4.56"],
    [789.2, "789"],
    [1e-7, "1.00e-7"],
    [null, "–"],
    [Infinity, "–"],
  ];
  for (const [value, words] of cases) equal(significant(value), words);
});

Deno.test("areas, places, shares, counts and moments read as people write them", () => {
  equal(area(0.421), "0.42 mm²");
  equal(place([12.34, -4, 421.69]), "12.3, −4.0, 421.7");
  equal(percent(0.0001), "under 0.1 %");
  equal(percent(0), "0.0 %");
  equal(counted(1, "scan") + counted(2, "scan"), "1 scan2 scans");
  equal(moment(new Date(2026, 2, 1, 14, 5).toISOString()), "2026-03-01 14:05");
});

Deno.test("ticks are round, begin at 0 and stay below the top", () => {
  deepEqual(ticksUpTo(23), [0, 5, 10, 15, 20]);
  deepEqual(ticksUpTo(1), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  deepEqual(ticksUpTo(0.00033), [0, 0.0001, 0.0002, 0.0003]);
});
