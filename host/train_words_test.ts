import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { RunAborted } from "../core/mod.ts";
import { GpuOutOfMemory } from "../kernels/mod.ts";
import { toldRun } from "../testing/told_run.ts";
import { TrainingTooLarge } from "./errors.ts";
import { lookWords, sayingWhy } from "./train_words.ts";

/** A look after so many iterations. */
const look = (iteration: number, chamfer: number | null = 1) => ({
  iteration,
  losses: { discriminator: 0.25, generator: null, chamfer },
  quality: { nearest: 0.00123, coverage: 1, oneNearest: 1, spread: 1 },
  inverted: 0.00111,
  reconstruction: chamfer === null ? null : 0.002,
});

/** A clock that stands still until it is set. */
function stoppedClock() {
  const { now } = performance, clock = { ms: 0 };
  performance.now = () => clock.ms;
  return { clock, [Symbol.dispose]: () => void (performance.now = now) };
}

Deno.test("lookWords() says how long this generator and those after it take at the pace so far", () => {
  using stopped = stoppedClock();
  const { run, told } = toldRun(), say = lookWords({ iterations: 10, starts: [2, 10, 0, 4] }, run);
  stopped.clock.ms = 6000;
  say(0, "held-out")(look(4)); // 3 s each: 6 of this one, none of the second, 10 and 6 of the others
  stopped.clock.ms = 12_000;
  say(2, "learned")(look(2, null)); // the first ended early after 2, so 4 in 12 s: 8 and 6 are left
  stopped.clock.ms = 20_000;
  say(3, "learned")(look(10));
  deepEqual(told, [
    "info: generator 1 of 4, iteration 4 of 10: discriminator 0.250, normal shapes to 2.00 mm, held-out shapes to 1.11 mm, random ones to 1.23 mm of them, 66 s left at most",
    "info: generator 3 of 4, iteration 2 of 10: discriminator 0.250, learned shapes to 1.11 mm, random ones to 1.23 mm of them, 42 s left at most",
    "info: generator 4 of 4, iteration 10 of 10: discriminator 0.250, normal shapes to 2.00 mm, learned shapes to 1.11 mm, random ones to 1.23 mm of them",
  ]);
});

Deno.test("sayingWhy() says how to go on, and what to lower", async () => {
  const { run, told } = toldRun(), given = { path: "folder", clouds: 3, points: 64 };
  equal(await sayingWhy(given, run, () => Promise.resolve(5)), 5);
  await rejects(sayingWhy(given, run, () => Promise.reject(new RunAborted())), RunAborted);
  deepEqual(told, ["info: go on with this training by --resume --model folder"]);
  await rejects(
    sayingWhy(given, run, () => Promise.reject(new GpuOutOfMemory(2, 1, "a test"))),
    (error: Error) => {
      match(error.message, /3 clouds of 64 points .*lower --memory, .* --clouds or --points/);
      return error instanceof TrainingTooLarge;
    },
  );
  await rejects(sayingWhy(given, run, () => Promise.reject(new TypeError())), TypeError);
  equal(told.length, 1);
});
