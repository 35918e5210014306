/** What tests of fusers share: a run that writes down what it is told, and scans in turn. @module */
import { createRun, type Log, type Run } from "../core/mod.ts";
import type { Gpu } from "../kernels/mod.ts";

/** A run that writes down what it is told; without a GPU it does for what touches none. */
export function toldRun(gpu = {} as Gpu): { readonly run: Run; readonly told: string[] } {
  const told: string[] = [], tell = (level: string) => (message: string) => void told.push(`${level}: ${message}`);
  const log: Log = { debug: tell("debug"), info: tell("info"), warn: tell("warn") };
  return { run: createRun(gpu, { log }), told };
}

/** One after another. */
export async function* inTurn<T>(items: readonly T[]): AsyncIterable<T> {
  yield* items;
}
