import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type MapFrame, randomStream, type Scan } from "../core/mod.ts";
import { type AuditedScan, auditScores, nuisancesOf } from "./audit.ts";

const noise = randomStream(3, "audit test");

/** Scans of both classes, whose score and nuisances come from a draw. */
const scans = (draw: (bad: boolean) => { score: number; nuisances: Record<string, number> }): AuditedScan[] =>
  Array.from({ length: 60 }, (_, i) => ({ defect: i % 2 ? "dent" : "good", ...draw(i % 2 === 1) }));

Deno.test("auditScores() finds nothing where the score separates and the nuisances do not", () => {
  const audit = auditScores(
    scans((bad) => ({ score: (bad ? 4 : 0) + noise.normal(), nuisances: { returns: noise.normal() } })),
    0,
  )!;
  ok(audit.scanAuroc > 0.95 && audit.permutation.pValue < 0.001);
  deepEqual(audit.findings, []);
  ok(audit.permutation.lower > 0.25 && audit.permutation.upper < 0.75 && audit.permutation.rounds === 2000);
});

Deno.test("auditScores() says it when the score is a nuisance in disguise, and what is left without it", () => {
  const audit = auditScores(
    scans((bad) => {
      const returns = (bad ? 3 : 0) + noise.normal();
      return { score: 10 * returns + noise.normal(), nuisances: { returns, depth: noise.normal() } };
    }),
    0,
  )!;
  ok(audit.scanAuroc > 0.95, "it looks good");
  const { returns, depth } = audit.nuisances;
  ok(returns.auroc > 0.95 && returns.scanAurocWithout < 0.75, JSON.stringify(returns));
  ok(Math.abs(depth.scanAurocWithout - audit.scanAuroc) < 0.05, "what is no cause takes nothing away");
  const told = audit.findings.filter((finding) => finding.startsWith("returns"));
  equal(told.length, 1);
  match(told[0], /^returns alone has AUROC 0\.9\d+; without it the scan AUROC is 0\.\d+ instead of 0\.9\d+$/);
});

Deno.test("auditScores() says it when the score is chance, and gives the same for the same seed", () => {
  const chance = scans(() => ({ score: noise.normal(), nuisances: {} }));
  const audit = auditScores(chance, 5)!;
  match(audit.findings.join(), /is not told from chance/);
  deepEqual(auditScores(chance, 5), audit);
  ok(auditScores(chance, 6)!.permutation.pValue !== audit.permutation.pValue);
});

Deno.test("auditScores() is undefined with one class alone, and bears nuisances that never vary", () => {
  const one = { score: 1, nuisances: { returns: 7 } };
  equal(auditScores([{ defect: "good", ...one }, { defect: "good", ...one }], 0), undefined);
  equal(auditScores([{ defect: "dent", ...one }], 0), undefined);
  const both = auditScores([{ defect: "good", ...one }, { defect: "dent", ...one, score: 2 }], 0)!;
  deepEqual([both.scanAuroc, both.nuisances.returns], [1, { auroc: 0.5, scanAurocWithout: 1 }]);
});

Deno.test("nuisancesOf() counts returns, the part, and the background away from it", () => {
  const size = 80, frame: MapFrame = { size, width: 2, height: 2, side: 2, top: 0, left: 0 };
  const scan: Scan = {
    name: "x",
    width: 2,
    height: 2,
    points: Float32Array.of(0, 0, 1, 0, 0, 2, 0, 0, 0, 0, 0, 6),
    valid: Uint8Array.of(1, 1, 0, 1),
  };
  const values = new Float32Array(size * size).fill(5);
  for (let r = 0; r <= 44; r++) for (let c = 0; c <= 46; c++) values[r * size + c] = 100; // within 40 pixels of the part
  const pixels = Uint32Array.of(2 * size + 3, 4 * size + 6); // rows 2 and 4, columns 3 and 6
  values[43 * size + 0] = 100;
  const { background, ...counts } = nuisancesOf(scan, { size, values, score: 100 }, frame, pixels);
  deepEqual(counts, { returns: 3, partPoints: 2, partSpan: 3 * 2, depth: 3 });
  const near = (r: number, c: number) =>
    [[2, 3], [4, 6]].some(([row, column]) => Math.abs(r - row) <= 40 && Math.abs(c - column) <= 40);
  const away = [...values].filter((_, i) => !near(Math.floor(i / size), i % size));
  const mean = away.reduce((sum, value) => sum + value, 0) / away.length;
  ok(Math.abs(background - mean) < 1e-9, `${background}, not ${mean}`);
  const everywhere = Uint32Array.from({ length: size * size }, (_, i) => i);
  equal(nuisancesOf(scan, { size, values, score: 0 }, frame, everywhere).background, 0);
});
