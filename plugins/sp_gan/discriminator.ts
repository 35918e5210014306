/** The discriminator of SP-GAN: a score for a cloud, whatever the order of its points. @module
 *
 * Four layers at each place, the maximum over places (its feature), four layers on that; as in the published code, which has no score for each point.
 */
import {
  batchNorm,
  batchNormOf,
  linear,
  linearOf,
  type Parameters,
  type ParameterShape,
  pooledNorm,
  pooledStatistics,
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

/** The layers at each place before the last, and the last one's product and norm. */
function places(tape: Tape, parameters: Parameters, points: Tensor) {
  const product = (i: number) => ({ ...linearOf(parameters, `c${i}`), beforeNorm: true });
  const norm = (i: number) => batchNormOf(parameters, `n${i}`);
  let x = points;
  for (const i of [1, 2, 3]) x = batchNorm(tape, linear(tape, x, product(i)), norm(i), { slope: SLOPE });
  return { x, product: product(4), norm: norm(4) };
}

/** A score for each of `clouds` clouds of equally many points, and the feature that it is made of. */
export function discriminate(
  tape: Tape,
  parameters: Parameters,
  points: Tensor,
  clouds: number,
): { readonly scores: Tensor; readonly feature: Tensor } {
  const { x, product, norm } = places(tape, parameters, points);
  const feature = pooledNorm(tape, x, product, norm, { slope: SLOPE, clouds });
  let scores = feature;
  for (const i of [1, 2, 3]) scores = linear(tape, scores, linearOf(parameters, `m${i}`), { slope: SLOPE });
  return { scores: linear(tape, scores, linearOf(parameters, "m4")), feature };
}

/** Moves the running statistics as {@linkcode discriminate} does while training, where its scores are not needed. */
export function moveStatistics(tape: Tape, parameters: Parameters, points: Tensor): void {
  const { x, product, norm } = places(tape, parameters, points);
  pooledStatistics(tape, x, product, norm);
}
