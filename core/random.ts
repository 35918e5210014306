/**
 * Random numbers: one counter-based generator, so that every choice of a run comes from its seed and a name. @module
 *
 * The hash is `pcg4d` of Jarzynski and Olano, "Hash Functions for GPU Rendering", JCGT 9(3), 2020: it needs 32-bit
 * integers only, so WGSL computes the same numbers (`kernels/snippets/random.ts`).
 */

/** A named stream of random numbers: the n-th number depends on seed, name and n alone. */
export interface RandomStream {
  /** Uniform in [0, 1), 24 bits, so that a float32 holds it exactly. */
  uniform(): number;
  /** Standard normal, by Box and Muller. */
  normal(): number;
  /** Uniform integer in [0, below). */
  integer(below: number): number;
  /** Shuffles in place (Fisher and Yates) and gives the same array back. */
  shuffle<T>(items: T[]): T[];
}

/** Four 32-bit integers to four well-mixed ones. */
export function pcg4d(x: number, y: number, z: number, w: number): [number, number, number, number] {
  const step = (v: number) => (Math.imul(v, 1664525) + 1013904223) >>> 0;
  [x, y, z, w] = [step(x), step(y), step(z), step(w)];
  for (let round = 0; round < 2; round++) {
    x = (x + Math.imul(y, w)) >>> 0;
    y = (y + Math.imul(z, x)) >>> 0;
    z = (z + Math.imul(x, y)) >>> 0;
    w = (w + Math.imul(y, z)) >>> 0;
    if (round === 0) {
      [x, y, z, w] = [(x ^ (x >>> 16)) >>> 0, (y ^ (y >>> 16)) >>> 0, (z ^ (z >>> 16)) >>> 0, (w ^ (w >>> 16)) >>> 0];
    }
  }
  return [x, y, z, w];
}

/** FNV-1a of a name: which of 2^32 streams it is. */
function streamNumber(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** The stream of `seed` (any integer) that is called `name`; two names give independent streams. */
export function randomStream(seed: number, name: string): RandomStream {
  const stream = streamNumber(name);
  const low = seed >>> 0, high = Math.floor(seed / 2 ** 32) >>> 0;
  let counter = 0;
  let buffered: number[] = [];
  const bits = () => {
    if (buffered.length === 0) buffered = pcg4d(counter++, stream, low, high);
    return buffered.pop()!;
  };
  const self: RandomStream = {
    uniform: () => (bits() >>> 8) / 2 ** 24,
    normal: () => Math.sqrt(-2 * Math.log(1 - self.uniform())) * Math.cos(2 * Math.PI * self.uniform()),
    integer: (below) => Math.floor(((bits() * 2 ** 20 + (bits() >>> 12)) / 2 ** 52) * below),
    shuffle(items) {
      for (let i = items.length - 1; i > 0; i--) {
        const j = self.integer(i + 1);
        [items[i], items[j]] = [items[j], items[i]];
      }
      return items;
    },
  };
  return self;
}
