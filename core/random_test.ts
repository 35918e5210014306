import { deepEqual, notDeepEqual, ok } from "node:assert/strict";
import { pcg4d, randomStream } from "./mod.ts";

Deno.test("randomStream() repeats itself, and differs by seed and by name", () => {
  const draw = (seed: number, name: string) => {
    const random = randomStream(seed, name);
    return Array.from({ length: 20 }, () => random.uniform());
  };
  deepEqual(draw(1, "a"), draw(1, "a"));
  notDeepEqual(draw(1, "a"), draw(2, "a"));
  notDeepEqual(draw(1, "a"), draw(1, "b"));
  notDeepEqual(draw(1, "a"), draw(2 ** 32 + 1, "a"));
});

Deno.test("randomStream() is uniform, normal and fair within five standard errors", () => {
  const random = randomStream(7, "moments"), n = 100_000;
  let sum = 0, normal = 0, squares = 0;
  const dice = new Array(6).fill(0);
  for (let i = 0; i < n; i++) {
    sum += random.uniform();
    const z = random.normal();
    normal += z;
    squares += z * z;
    dice[random.integer(6)]++;
  }
  ok(Math.abs(sum / n - 0.5) < 5 * Math.sqrt(1 / 12 / n));
  ok(Math.abs(normal / n) < 5 / Math.sqrt(n));
  ok(Math.abs(squares / n - 1) < 5 * Math.sqrt(2 / n));
  for (const count of dice) ok(Math.abs(count - n / 6) < 5 * Math.sqrt(n * 5 / 36));
});

Deno.test("pcg4d() spreads neighbouring counters over all bits", () => {
  const ones = new Array(32).fill(0);
  for (let i = 0; i < 4096; i++) for (let bit = 0; bit < 32; bit++) ones[bit] += (pcg4d(i, 1, 2, 3)[0] >>> bit) & 1;
  for (const count of ones) ok(Math.abs(count - 2048) < 5 * 32);
});
