/** The doctor's findings for people. @module */
import type { DoctorDocument, KernelFinding } from "./doctor_document.ts";

/** A table of lines, with the advice at its end. */
export function doctorText(document: DoctorDocument): string {
  const { adapter, advice, driver, features, kernels, limits, loops, memory, runtime, speed } = document;
  const rows: [string, string][] = [
    ["runtime", `Deno ${runtime.deno} on ${runtime.os} ${runtime.arch}, ${runtime.processors} processors`],
    ["adapter", `${adapter.description || "(unnamed)"}${adapter.software ? ", software" : ""}`],
    ["driver", driver.origin === "cache" ? `from the cache folder: ${driver.source}` : "the system's"],
    ["timestamp queries", adapter.timestamps ? "yes" : "no"],
    ["loop of 2^17", loops.limited ? `ended after ${loops.ran} turns: loop-limited` : "ran to its end"],
    ["copy", `${(speed.copyBytesPerSecond / 1e9).toFixed(1)} GB/s`],
    ["multiply-add", `${(speed.flopsPerSecond / 1e9).toFixed(0)} GFLOP/s`],
    ["memory", memoryWords(memory)],
    ...Object.entries(limits).map(([name, value]): [string, string] => [name, limitWords(name, value)]),
    ["features", features.join(", ") || "none"],
  ];
  const width = Math.max(...rows.map(([name]) => name.length), ...kernels.map(({ kernel }) => kernel.length));
  const line = (name: string, value: string) => `${name.padEnd(width)}  ${value}`;
  return [
    ...rows.map(([name, value]) => line(name, value)),
    "",
    ...kernels.map((finding) => line(finding.kernel, kernelWords(finding))),
    ...(advice.length > 0 ? ["", ...advice] : ["", "All is well."]),
  ].join("\n");
}

function memoryWords(memory: DoctorDocument["memory"]): string {
  const size = `${(memory.bytes / 2 ** 20).toFixed(0)} MiB`;
  if ("problem" in memory) return `${size} could not be used: ${memory.problem}`;
  return `${size} written and checked, ${memory.wrongWords === 0 ? "right" : `${memory.wrongWords} words wrong`}`;
}

function limitWords(name: string, value: number): string {
  if (!/Size$/.test(name) || /WorkgroupSize/.test(name) || value < 1024) return String(value);
  return value < 2 ** 20 ? `${value / 1024} KiB` : `${Math.ceil(value / 2 ** 20)} MiB`;
}

function kernelWords({ ok, worst, bound, problem }: KernelFinding): string {
  if (problem !== undefined) return `FAILED: ${problem}`;
  const number = (value: number) => value === 0 ? "0" : value.toExponential(1);
  return `${ok ? "ok" : "WRONG"}, off by ${number(worst!)} of ${number(bound!)} allowed`;
}
