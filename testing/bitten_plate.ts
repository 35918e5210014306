/** A tiny plate that lacks a piece, and the missing-region map of a scan, for tests of reconstructors. @module */
import {
  type FittedReconstructor,
  missingPresets,
  missingRegion,
  type Prepared,
  type Run,
  type Scan,
  type ScanRegistry,
  type ScoreMap,
} from "../core/mod.ts";
import { tinyScan } from "./tiny_scan.ts";

/** Rows and columns `from` to before `to`. */
export interface Bite {
  readonly rows: readonly [from: number, to: number];
  readonly columns: readonly [from: number, to: number];
}

/** A tiny plate without the pixels of a bite, where the table is seen. */
export function bittenPlate(
  seed: number,
  { rows: [top, bottom], columns: [left, right] }: Bite,
): { readonly scan: Scan; readonly gone: ReadonlySet<number> } {
  const scan = tinyScan({ seed }), gone = new Set<number>();
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) gone.add(row * scan.width + column);
  }
  for (const pixel of gone) scan.points[3 * pixel + 2] = 0.5;
  return { scan, gone };
}

/** Brought to the normal scans, reconstructed, and compared. */
export async function missingMapOf(
  scan: Prepared,
  registry: ScanRegistry,
  fitted: FittedReconstructor,
  run: Run,
): Promise<ScoreMap> {
  using registration = (await registry.register(scan, run))!;
  using whole = await fitted.reconstruct({ ...scan, registration }, run);
  return await missingRegion(scan, whole, missingPresets.default, run);
}
