/** Maps of both branches that a choice of k is judged by, without the places where both are silent. @module */
import type { BranchMaps, DefectMaps } from "../../core/mod.ts";
import { connectedDefects, type DefectShares, oneDefect } from "./connected_defects.ts";

/** One scan's maps. */
export interface Example {
  /** Which kind of defect; absent for a normal scan. */
  readonly kind?: string;
  /** How many defects it has. */
  readonly defects: number;
  /** Feature scores of the places where either branch speaks. */
  readonly s1: Float32Array;
  /** Missing-region scores of the same places. */
  readonly s2: Float32Array;
  /** What each of them counts: 1 / size of its defect, 0 where it is normal. */
  readonly shares: Float64Array;
  /** Normal places where both branches are silent. */
  readonly silentNormal: number;
  /** Sum of the shares of the other places where both are silent. */
  readonly silentShare: number;
}

/** A normal scan's. */
export const normalExample = (maps: BranchMaps): Example =>
  exampleOf(maps, { shares: new Float64Array(maps.feature.values.length), defects: 0 });

/** That of a scan with defects: of synthetic ones all of the truth is one defect, of labelled ones what is connected. */
export function defectExample(maps: DefectMaps, examples: "synthetic" | "labelled"): Example {
  const { truth, kind, feature } = maps;
  const shares = examples === "synthetic" ? oneDefect(truth) : connectedDefects(truth, feature.size);
  return { ...exampleOf(maps, shares), kind };
}

function exampleOf(
  { feature: { values: odd }, missing: { values: gone } }: BranchMaps,
  { shares, defects }: DefectShares,
): Example {
  const places = Uint32Array.from(odd.keys()).filter((i) => odd[i] !== 0 || gone[i] !== 0);
  const s1 = new Float32Array(places.length), s2 = s1.slice(), own = new Float64Array(places.length);
  places.forEach((place, i) => [s1[i], s2[i], own[i]] = [odd[place], gone[place], shares[place]]);
  const defective = shares.reduce((sum, share) => share > 0 ? sum + 1 : sum, 0);
  const speaking = own.reduce((sum, share) => share > 0 ? sum + 1 : sum, 0);
  return {
    defects,
    s1,
    s2,
    shares: own,
    silentNormal: odd.length - places.length - (defective - speaking),
    silentShare: Math.max(0, defects - own.reduce((sum, share) => sum + share, 0)),
  };
}
