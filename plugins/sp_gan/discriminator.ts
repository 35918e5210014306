/** The discriminator of SP-GAN: a score for a cloud, whatever the order of its points. @module
 *
 * Four layers at each place, the maximum over places (its feature), four layers on that; as in the published code, which has no score for each point.
 */
import {
  batchNorm,
  batchNormOf,
  linear,
  linearOf,
  maxPoints,
  type Parameters,
  type ParameterShape,
  type Tape,
  type Tensor,
} from "../../nets/mod.ts";

/** Widths of the layers. */
export interface DiscriminatorWidths {
  /** At each place; the last is the feature's. */
  readonly places: readonly [number, number, number, number];
  /** Hidden layers on the feature. */
  readonly feature: readonly [number, number, number];
}

const SLOPE = 0.01;

/** All parameters, by the names of the published layers. */
export function discriminatorShapes({ places, feature }: DiscriminatorWidths): ParameterShape[] {
  const linearShapes = (name: string, rows: number, columns: number): ParameterShape[] => [
    { name: `${name}.weight`, rows, columns },
    { name: `${name}.bias`, rows: 1, columns: rows },
  ];
  return [
    ...places.flatMap((columns, i): ParameterShape[] => [
      ...linearShapes(`c${i + 1}`, columns, i === 0 ? 3 : places[i - 1]),
      { name: `n${i + 1}.weight`, rows: 1, columns },
      { name: `n${i + 1}.bias`, rows: 1, columns },
      { name: `n${i + 1}.running`, rows: 2, columns },
    ]),
    ...feature.flatMap((rows, i) => linearShapes(`m${i + 1}`, rows, i === 0 ? places[3] : feature[i - 1])),
    ...linearShapes("m4", 1, feature[2]),
  ];
}

/** A score for each of `clouds` clouds of equally many points, and the feature that it is made of. */
export function discriminate(
  tape: Tape,
  parameters: Parameters,
  points: Tensor,
  clouds: number,
): { readonly scores: Tensor; readonly feature: Tensor } {
  let x = points;
  for (const i of [1, 2, 3, 4]) {
    const product = linear(tape, x, { ...linearOf(parameters, `c${i}`), beforeNorm: true });
    x = batchNorm(tape, product, batchNormOf(parameters, `n${i}`), { slope: SLOPE });
  }
  const feature = maxPoints(tape, x, clouds);
  let scores = feature;
  for (const i of [1, 2, 3]) scores = linear(tape, scores, linearOf(parameters, `m${i}`), { slope: SLOPE });
  return { scores: linear(tape, scores, linearOf(parameters, "m4")), feature };
}
