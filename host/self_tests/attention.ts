/** Self-tests of the softmax of attention and of its gradient. @module */
import { randomStream } from "../../core/mod.ts";
import { softmaxColumns, softmaxColumnsGradient, uploadRows } from "../../kernels/mod.ts";
import { type KernelSelfTest, readRows, ROUNDING, within } from "./verdict.ts";

/** More than one slice of rows, and columns that end within a quad. */
const COUNT = 70, COLUMNS = 10;

/** Numbers in −4 … 4 that float32 has. */
function drawn(name: string): Float32Array<ArrayBuffer> {
  const random = randomStream(0, `self-test/attention/${name}`);
  return Float32Array.from({ length: COUNT * COLUMNS }, () => 8 * random.uniform() - 4);
}

/** WGSL lets each of two exponentials be off by 3 + 2|x| units, |x| up to 8; sums and a quotient come to them. */
const WEIGHT = (2 * (3 + 2 * 8) + COUNT + 4) * ROUNDING;

const logits = drawn("logits"), up = drawn("upstream");

/** The weights in float64. */
function weightsOf(): Float64Array {
  const powers = Float64Array.from(logits, Math.exp), sums = new Float64Array(COLUMNS);
  powers.forEach((power, i) => sums[i % COLUMNS] += power);
  return powers.map((power, i) => power / sums[i % COLUMNS]);
}

const softmax: KernelSelfTest = {
  kernel: "softmaxColumns",
  async run(gpu) {
    using rows = uploadRows(gpu, logits, COLUMNS), found = softmaxColumns(gpu, { rows });
    return within(await readRows(gpu, found), weightsOf(), WEIGHT);
  },
};

const gradient: KernelSelfTest = {
  kernel: "softmaxColumnsGradient",
  async run(gpu) {
    const weights = weightsOf(), along = new Float64Array(COLUMNS);
    using upstream = uploadRows(gpu, up, COLUMNS), output = uploadRows(gpu, Float32Array.from(weights), COLUMNS);
    using found = softmaxColumnsGradient(gpu, { upstream, output });
    weights.forEach((weight, i) => along[i % COLUMNS] += weight * up[i]);
    const want = weights.map((weight, i) => weight * (up[i] - along[i % COLUMNS]));
    return within(await readRows(gpu, found), want, 8 * (COUNT + 4) * ROUNDING);
  },
};

/** Tests of attention's weights. */
export const attentionSelfTests: readonly KernelSelfTest[] = [softmax, gradient];
