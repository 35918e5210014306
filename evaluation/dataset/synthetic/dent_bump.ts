/** Dents and bumps: the surface pushed in or out along its normal. @module */
import { type Damage, LEAST_PIXELS, placeOn, unchanged, uprightness, type Workpiece } from "./damage.ts";
import { hill, logBetween } from "./smooth_field.ts";
import { nodesWithin } from "./surface.ts";

/**
 * A hill of height A (`sign` 1) or a hollow (−1) over r < 2σ, σ 0.02 to 0.08 L, A 0.01 to 0.05 L and at most 1.2 σ, L the part's extent. Its
 * form is (1 − r²/4σ²)², which follows exp(−r²/2σ²) and ends where the mask does.
 */
export function dentOrBump(piece: Workpiece, sign: 1 | -1): Damage {
  const { extent, pitch, stream } = piece;
  const sigma = Math.max(logBetween(stream, 0.02, 0.08) * extent, LEAST_PIXELS * pitch / 4);
  const amplitude = Math.min(logBetween(stream, 0.01, 0.05) * extent, 1.2 * sigma);
  const { surface, changed } = unchanged(piece.surface);
  const place = placeOn(piece, 2 * sigma);
  const vertical = sign * amplitude / uprightness(piece.surface, place);
  nodesWithin(surface, place, 2 * sigma, (node, squared) => {
    if (!surface.present[node]) return;
    surface.heights[node] += vertical * hill(squared, 2 * sigma);
    changed[node] = 1;
  });
  return { surface, changed, parameters: { sigma, amplitude, x: place[0], y: place[1] } };
}
