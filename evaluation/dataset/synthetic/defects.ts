/** The defects by name. @module */
import { contamination } from "./contamination.ts";
import { crack } from "./crack.ts";
import type { Damage, Workpiece } from "./damage.ts";
import { dentOrBump } from "./dent_bump.ts";
import { hole } from "./hole.ts";
import { missing } from "./missing.ts";
import { type DefectName, DEFECTS } from "./options.ts";

/** How each defect is made. */
export const MAKE_DEFECT: Readonly<Record<DefectName, (piece: Workpiece) => Damage>> = {
  bump: (piece) => dentOrBump(piece, 1),
  contamination,
  crack,
  dent: (piece) => dentOrBump(piece, -1),
  hole,
  missing,
};

/** Value of a defect's pixels in its masks: 255 for the first of {@linkcode DEFECTS}, then 254, … as MVTec 3D-AD has it. */
export const maskValue = (defect: DefectName): number => 255 - DEFECTS.indexOf(defect);
