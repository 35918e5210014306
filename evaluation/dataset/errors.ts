/** What can be wrong with a data set, as types. @module */
import { Uni3dadError } from "../../errors.ts";

const shown = (names: readonly string[]) =>
  names.length <= 8 ? names.join(", ") : `${names.slice(0, 8).join(", ")} and ${names.length - 8} more`;

/** A category that the data set's folder does not hold. */
export class NoSuchCategory extends Uni3dadError {
  readonly code = "no-such-category" as const;
  /** `present` are the categories that are there. */
  constructor(readonly storage: string, readonly category: string, readonly present: readonly string[]) {
    const advice = present.length > 0
      ? `categories there are ${shown(present)}; name one of them`
      : "it holds no category; name the folder that holds CATEGORY/train/good/xyz, or a category itself";
    super(`Cannot open category "${category}" in ${storage}: there is no scan under it, ${advice}`);
  }
}

/** A category without a single normal scan to train on. */
export class NoTrainScans extends Uni3dadError {
  readonly code = "no-train-scans" as const;
  /** `folder` is where the scans should lie, relative to the storage. */
  constructor(readonly storage: string, readonly folder: string) {
    super(
      `Cannot train on ${storage}: "${folder}" holds no .tiff, .tif, .npy or .npz scan; put the normal scans there as NNN.tiff`,
    );
  }
}

/** A category without a normal scan that could be damaged: scans that are trained on may not be. */
export class NoScansToDamage extends Uni3dadError {
  readonly code = "no-scans-to-damage" as const;
  /** `problem` is what was wrong with the first of them, where there are some. */
  constructor(readonly storage: string, readonly category: string, problem?: string) {
    super(
      `Cannot make incomplete scans of "${category}" in ${storage}: ` +
        (problem === undefined
          ? 'there is no normal scan in "test/good/xyz" or "validation/good/xyz", and training scans are left alone; ' +
            "move some of them to validation/good/xyz"
          : `none of its normal test and validation scans can be used: ${problem}`),
    );
  }
}

/** A manifest, of an augmented data set or of a split, that cannot be read. */
export class ManifestRefused extends Uni3dadError {
  readonly code = "manifest-refused" as const;
  /** `problem` says where it is wrong, and how. */
  constructor(readonly manifest: string, readonly problem: string, options?: ErrorOptions) {
    super(`Cannot read manifest ${manifest}: ${problem}; make it again, or remove the file`, options);
  }
}

/** A category whose test set cannot be divided as the paper divides it. */
export class SplitImpossible extends Uni3dadError {
  readonly code = "split-impossible" as const;
  /** `problem` says what it lacks. */
  constructor(readonly category: string, readonly problem: string) {
    super(`Cannot split "${category}": ${problem}`);
  }
}

/** Two sets that must not share a scan share some, by content. */
export class OverlappingSets extends Uni3dadError {
  readonly code = "overlapping-sets" as const;
  /** `pairs` are the files of both sets that have the same bytes. */
  constructor(readonly a: string, readonly b: string, readonly pairs: readonly (readonly [string, string])[]) {
    const files = shown(pairs.map(([one, other]) => `"${one}" = "${other}"`));
    super(
      `Cannot keep ${a} and ${b} apart: ${pairs.length} file${pairs.length === 1 ? " is" : "s are"} in both with the ` +
        `same content (${files}); remove them from one of the two`,
    );
  }
}

/** A ground-truth mask that is not of its scan's size. */
export class MaskSizeMismatch extends Uni3dadError {
  readonly code = "mask-size-mismatch" as const;
  /** Sizes are `[width, height]` in pixels. */
  constructor(
    readonly scan: string,
    readonly scanSize: readonly [number, number],
    readonly mask: string,
    readonly maskSize: readonly [number, number],
  ) {
    super(
      `Cannot judge "${scan}": it is ${scanSize.join(" × ")} pixels, its mask "${mask}" is ${maskSize.join(" × ")}; ` +
        "give a mask on the scan's own grid",
    );
  }
}
