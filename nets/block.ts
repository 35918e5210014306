/**
 * Blocks of layers that stop at their batch norms, so that a batch can pass in parts and is normed as one all the same. @module
 *
 * What a part makes on its way goes before the next part comes: memory holds the rows of one part. The price is time: each part passes up
 * to each stop once, for the statistics there, then to the end; on the way back once for the sums of each stop, and once for the gradients.
 * After T. Chen, B. Xu, C. Zhang and C. Guestrin, "Training Deep Nets with Sublinear Memory Cost", 2016, where norms saw one part each.
 */
import {
  addScaled,
  batchNorm as batchNormRows,
  batchNormGradient,
  batchNormSums,
  type BatchNormSumsRequest,
  type Gpu,
  groupStatistics,
  mergeStatistics,
  type Rows,
  updateRunning,
} from "../kernels/mod.ts";
import { type BatchNorm, batchNorm } from "./layers.ts";
import type { Parameters } from "./parameters.ts";
import { Tape, type Tensor } from "./tape.ts";

/** Rows that a block needs normed over the whole batch before it goes on. */
export interface ToNorm {
  /** Of all clouds, or of a part of them. */
  readonly rows: Tensor;
  /** By what. */
  readonly norm: BatchNorm;
  /** Slope of the rectifier behind it. */
  readonly slope: number;
}

/** A block under way: stops with what is to be normed, is given it normed, ends with its result. Norms of one stop don't depend on each other. */
export type Block = Generator<readonly ToNorm[], Tensor, readonly Tensor[]>;

/** Takes a block from stop to stop; to its end, or to the stop at which `normed` has nothing to give. */
function pass(block: Block, normed: (wanted: readonly ToNorm[], stop: number) => Tensor[] | undefined) {
  let at = block.next([]);
  for (let stop = 0; !at.done; stop++) {
    const given = normed(at.value, stop);
    if (!given) return undefined;
    at = block.next(given);
  }
  return at.value;
}

/** The result of a block for the whole batch at once; `copies` as {@linkcode batchNorm} has them. */
export const passWhole = (tape: Tape, block: Block, copies = 1): Tensor =>
  pass(block, (wanted) => wanted.map(({ rows, norm, slope }) => batchNorm(tape, rows, norm, { slope, copies })))!;

/** Consecutive clouds of a batch. */
export interface BatchPart {
  /** From 0. */
  readonly number: number;
  /** How many clouds. */
  readonly clouds: number;
}

/** A batch that passes in parts. */
export interface PartedBatch {
  /** Rows of all clouds. */
  readonly x: Tensor;
  readonly clouds: number;
  /** Most clouds of a part. */
  readonly atOnce: number;
  /** All that `block` learns. */
  readonly parameters: Parameters;
  /** The block for a part, with these parameters, on a tape of the part's own. It is asked for several times. */
  readonly block: (tape: Tape, x: Tensor, parameters: Parameters, part: BatchPart) => Block;
}

/** A norm of the whole batch. */
interface WholeNorm {
  readonly statistics: Rows;
  /** Rows that they are of. */
  readonly count: number;
  /** Gradients of γ and β, once the way back has been there. */
  sums?: Rows;
}

/** The result of a block for a batch while training, of which `atOnce` clouds are in memory at a time. */
export function passInParts(tape: Tape, { x, clouds, atOnce, parameters, block }: PartedBatch): Tensor {
  const { gpu } = tape, frozen = parameters.frozen(), norms: WholeNorm[][] = [];
  const parts: BatchPart[] = [];
  for (let first = 0; first < clouds; first += atOnce) {
    parts.push({ number: parts.length, clouds: Math.min(atOnce, clouds - first) });
  }
  const eachPart = (work: (own: Tape, part: BatchPart) => void) => {
    for (const part of parts) {
      {
        using own = new Tape(gpu, true);
        work(own, part);
      }
      gpu.submit(); // only then can the next part have this one's memory
    }
  };
  /** The share of a part in rows that all clouds have equally many of; the caller's to dispose. */
  const shareOf = (of: Rows, { number, clouds: own }: BatchPart) => {
    const length = of.count / clouds * of.stride, share = rowsOf(gpu, { ...of, count: own * of.count / clouds });
    gpu.copy(of.values, share.values, { from: number * atOnce * length, length: own * length });
    return share;
  };
  /** Rows of all clouds, put together from those of parts. */
  const joined = () => {
    let all: Rows | undefined;
    return {
      put({ number, clouds: own }: BatchPart, rows: Rows) {
        all ??= rowsOf(gpu, { ...rows, count: clouds * rows.count / own });
        gpu.copy(rows.values, all.values, {
          to: number * atOnce * rows.count / own * rows.stride,
          length: rows.count * rows.stride,
        });
      },
      all: () => all,
    };
  };
  /** Rows of a part, normed as a part of the batch. */
  const normed = (own: Tape, { rows: x, norm, slope }: ToNorm, { statistics }: WholeNorm, back: PartBack) => {
    const of = { rows: x.rows, statistics, slope };
    const output = batchNormRows(gpu, { ...of, weight: norm.weight.value, bias: norm.bias.value });
    return own.result(output, x.wanted, (upstream) => back({ ...of, upstream, output }));
  };

  const result = joined();
  while (!result.all()) {
    const gathered: { readonly norm: BatchNorm; readonly each: ReturnType<typeof joined>; count: number }[] = [];
    eachPart((own, part) => {
      const share = own.constant(own.keep(shareOf(x.rows, part)));
      const end = pass(block(own, share, frozen, part), (wanted, stop) => {
        if (stop < norms.length) return wanted.map((one, i) => normed(own, one, norms[stop][i], () => {}));
        wanted.forEach(({ norm, rows: { rows } }, i) => {
          const into = gathered[i] ??= { norm, each: joined(), count: 0 };
          into.each.put(part, own.keep(groupStatistics(gpu, { rows, groups: part.clouds })));
          into.count += rows.count;
        });
      });
      if (end) result.put(part, end.rows);
    });
    if (result.all()) break;
    norms.push(gathered.map(({ norm, each, count }) => {
      using ofClouds = each.all()!;
      const statistics = tape.keep(mergeStatistics(gpu, { statistics: ofClouds }));
      updateRunning(gpu, { running: norm.running.value, statistics, count });
      return { statistics, count };
    }));
  }

  const wanted = x.wanted || parameters.all.some(({ gradient }) => gradient !== undefined);
  return tape.result(result.all()!, wanted, (upstream) => {
    const arrived = joined();
    for (let stop = norms.length - 1; stop >= -1; stop--) { // sums of each stop, the last first, then all gradients
      eachPart((own, part) => {
        const share = own.input(own.keep(shareOf(x.rows, part))), isLast = stop < 0;
        const end = pass(
          block(own, share, isLast ? parameters : frozen, part),
          (wanted, at) =>
            wanted.map((one, i) =>
              normed(own, one, norms[at][i], (request) => {
                const { weight, bias } = one.norm, whole = norms[at][i];
                if (at === stop) addSums(tape, whole, request);
                if (at <= stop) return;
                own.flow(
                  one.rows,
                  batchNormGradient(gpu, {
                    ...request,
                    weight: weight.value,
                    frozen: false,
                    whole: { sums: whole.sums!, count: whole.count },
                    ...isLast && part.number === 0 && { weightInto: weight.gradient, biasInto: bias.gradient },
                  }),
                );
              })
            ),
        )!;
        own.flow(end, shareOf(upstream, part));
        own.backward();
        if (isLast && x.wanted) arrived.put(part, own.gradientOf(share)!);
      });
    }
    if (x.wanted) tape.flow(x, arrived.all()!);
  });
}

/** What becomes of a gradient that arrives at a norm of a part. */
type PartBack = (request: BatchNormSumsRequest) => void;

/** Adds a part's gradients of γ and β to those of the batch. */
function addSums(tape: Tape, whole: WholeNorm, request: BatchNormSumsRequest): void {
  const sums = batchNormSums(tape.gpu, request);
  if (!whole.sums) {
    whole.sums = tape.keep(sums);
    return;
  }
  addScaled(tape.gpu, { values: sums.values, to: whole.sums.values, factor: 1 });
  sums[Symbol.dispose]();
}

/** Room for rows of this form. */
function rowsOf(gpu: Gpu, { count, columns, stride }: Pick<Rows, "count" | "columns" | "stride">): Rows {
  const values = gpu.buffer("f32", count * stride);
  return { values, count, columns, stride, [Symbol.dispose]: () => values[Symbol.dispose]() };
}
