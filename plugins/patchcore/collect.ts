/** Pooled rows of all normal scans, on the GPU, in blocks that one binding can see. @module */
import {
  MemoryBudgetExceeded,
  type Prepared,
  randomStream,
  type Run,
  ScanRefused,
  type ScanSource,
  stage,
} from "../../core/mod.ts";
import { gatherRows, type Gpu, type GpuBuffer, type Rows, strideOf } from "../../kernels/mod.ts";

/** Rows in order, cut into blocks. */
export interface RowBlocks extends Disposable {
  readonly blocks: readonly Rows[];
  readonly count: number;
}

/** What {@linkcode collectRows} needs to know before a scan is read. */
export interface CollectPlan {
  /** Rows that one scan gives. */
  readonly rowsPerScan: number;
  readonly columns: number;
  /** Most rows in all; null keeps all of them. */
  readonly mostRows: number | null;
  /** Rows that the bank will keep, of all. */
  readonly ratio: number;
}

/** GPU bytes that the greedy choice needs beside a row's features: its distance, its owner, and partial maxima. */
const STATE_BYTES = 16;

/**
 * Works out what a fit needs and refuses it where that is more than the run may have, before anything is allocated.
 * @throws {MemoryBudgetExceeded}
 */
export function planMemory(scans: number, { rowsPerScan, columns, mostRows, ratio }: CollectPlan, run: Run): number {
  const rows = Math.min(scans * rowsPerScan, mostRows ?? Infinity);
  const row = strideOf(columns) * 4;
  const features = rows * row, state = rows * STATE_BYTES, bank = Math.ceil(rows * ratio) * row * 2; // the bank is kept on the host, too
  const needed = features + state + bank;
  if (needed <= run.memoryBytes) return needed;
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  const fitting = Math.floor(run.memoryBytes / (row + STATE_BYTES + ratio * row * 2));
  throw new MemoryBudgetExceeded(
    needed,
    run.memoryBytes,
    `${rows} rows of ${columns}: ${mib(features)} features, ${mib(state)} state of the choice, ${mib(bank)} bank`,
    `set extractor.mostRows to ${fitting} or less, use fewer training scans, or raise --memory`,
  );
}

/** Describes and pools every scan of the source and keeps the rows. The caller disposes them. @throws {MemoryBudgetExceeded} */
export async function collectRows(
  source: ScanSource,
  plan: CollectPlan,
  describe: (scan: Prepared) => Promise<Rows>,
  run: Run,
): Promise<RowBlocks> {
  planMemory(source.count, plan, run);
  const { gpu } = run;
  using owned = new DisposableStack();
  const collector = owned.use(new Collector(gpu, plan.columns));
  const share = plan.mostRows === null
    ? plan.rowsPerScan
    : Math.min(plan.rowsPerScan, Math.floor(plan.mostRows / source.count));
  const random = randomStream(run.seed, "patchcore/rows");
  const collect = async (scan: Prepared) => {
    using all = await describe(scan);
    if (share === all.count) return collector.add(all);
    using indices = gpu.upload(
      "u32",
      Uint32Array.from(
        random.shuffle(Array.from({ length: all.count }, (_, i) => i)).slice(0, share).sort((a, b) => a - b),
      ),
    );
    using some = gatherRows(gpu, { rows: all, indices });
    collector.add(some);
  };
  for await (const scan of source.walk()) {
    try {
      await stage(run, "features", () => collect(scan));
    } catch (error) {
      if (!(error instanceof ScanRefused)) throw error;
      source.refuse(scan.name, error);
    }
  }
  await gpu.done();
  owned.move();
  return collector;
}

/** Grows by whole blocks, so that no row is ever copied twice. */
class Collector implements RowBlocks {
  readonly #gpu: Gpu;
  readonly #stride: number;
  readonly #capacity: number;
  readonly #full: { values: GpuBuffer<"f32">; count: number }[] = [];
  count = 0;

  constructor(gpu: Gpu, readonly columns: number) {
    this.#gpu = gpu;
    this.#stride = strideOf(columns);
    this.#capacity = Math.min(2 ** 17, Math.floor(gpu.limits.bindingBytes / (this.#stride * 4)));
  }

  get blocks(): readonly Rows[] {
    return this.#full.map(({ values, count }) => ({
      values,
      count,
      columns: this.columns,
      stride: this.#stride,
      [Symbol.dispose]: () => {},
    }));
  }

  add(rows: Rows): void {
    for (let done = 0; done < rows.count;) {
      let block = this.#full.at(-1);
      if (!block || block.count === this.#capacity) {
        this.#full.push(block = { values: this.#gpu.buffer("f32", this.#capacity * this.#stride), count: 0 });
      }
      const take = Math.min(rows.count - done, this.#capacity - block.count);
      this.#gpu.copy(rows.values, block.values, {
        from: done * this.#stride,
        to: block.count * this.#stride,
        length: take * this.#stride,
      });
      block.count += take;
      done += take;
    }
    this.count += rows.count;
  }

  [Symbol.dispose](): void {
    for (const { values } of this.#full) values[Symbol.dispose]();
  }
}
