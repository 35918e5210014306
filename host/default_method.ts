/** The method where none is named. @module */

/** What measures best over all products, original and augmented: docs/results.md, "Fusers". */
export const DEFAULT_METHOD = "fpfh+nearest-normal/calibrated";
