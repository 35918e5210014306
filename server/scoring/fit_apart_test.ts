import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { RunAborted } from "../../core/mod.ts";
import { openModel, openRun } from "../../host/mod.ts";
import { sharedGpu } from "../../testing/mod.ts";
import { contentOf, sharedDataset } from "../../tests/command_line.ts";
import { temporaryFolder } from "../../tests/run_deno.ts";
import { CarriedError, ModelExists } from "../errors.ts";
import { fitApart, type FitFollowed } from "./fit_apart.ts";
import type { FitWanted } from "./fit_messages.ts";

const adapter = await sharedGpu() !== undefined, dataset = sharedDataset();

/** See `SMALL` of the command line's tests. */
const overrides = { prepare: { size: 64, clusterPoints: 8 }, extractor: { cells: 16, trials: 3 } };

const log = { debug: () => {}, info: () => {}, warn: () => {} };

function test(name: string, run: (wanted: FitWanted) => Promise<void>): void {
  const fn = async () => {
    using into = temporaryFolder();
    const folder = `${await dataset()}/bagel`;
    await run({ folder, name: "mine", method: "fpfh", preset: "default", overrides, into: into.path, replace: false });
  };
  Deno.test({ name, ignore: !adapter, sanitizeOps: false, sanitizeResources: false, fn });
}

const followed = (change: Partial<FitFollowed> = {}): FitFollowed => ({
  signal: new AbortController().signal,
  progress: () => {},
  log,
  download: false,
  ...change,
});

const names = (folder: string) => Array.from(Deno.readDirSync(folder), ({ name }) => name);

test("a model is fitted, called as it was asked for, and replaced only where that is said", async (wanted) => {
  const tasks = new Map<string, string>();
  const progress = (task: string, done: number, total: number) => void tasks.set(task, `${done} of ${total}`);
  const { name, refused, facts } = await fitApart({ ...wanted, folds: 2 }, followed({ progress }));
  deepEqual([name, refused, facts.name, facts.trainScans, facts.calibration?.scans], ["mine", [], "mine", 4, 4]);
  ok(tasks.values().some((done) => done === "4 of 4"), [...tasks].join());
  deepEqual(names(wanted.into), ["mine"]);
  using run = await openRun({ download: false });
  using handle = await openModel(`${wanted.into}/mine`, run);
  equal(handle.model.fingerprint, facts.fingerprint);

  const before = await contentOf(wanted.into);
  await rejects(fitApart({ ...wanted, folds: 0 }, followed()), ModelExists);
  deepEqual(await contentOf(wanted.into), before);
  const again = await fitApart({ ...wanted, folds: 0, replace: true }, followed());
  equal(again.facts.calibration, null);
  deepEqual(names(wanted.into), ["mine"]);
});

test("a fit that is stopped ends within a second and leaves nothing", async (wanted) => {
  const stop = new AbortController(), stopped: number[] = [];
  const progress = (task: string) => {
    if (!task.startsWith("fitting") || stop.signal.aborted) return;
    stopped.push(performance.now());
    stop.abort(new Error("enough"));
  };
  const fit = fitApart(wanted, followed({ signal: stop.signal, progress }));
  await rejects(fit, (error) => error instanceof RunAborted && (error.cause as Error).message === "enough");
  const seconds = (performance.now() - stopped[0]) / 1000;
  ok(seconds < 1, `${seconds} s`);
  deepEqual(names(wanted.into), []);
  await rejects(fitApart(wanted, followed({ signal: stop.signal })), RunAborted);
});

test("what can't be fitted is an error with its code", async (wanted) => {
  const refused = (code: string, change: Partial<FitWanted>) =>
    rejects(fitApart({ ...wanted, ...change }, followed()), (error) => {
      ok(error instanceof CarriedError, String(error));
      equal(error.code, code, error.message);
      return true;
    });
  await refused("unknown-name", { method: "nothing" });
  await refused("no-such-category", { folder: wanted.into });
  await refused("options-refused", { overrides: { prepare: { size: -1 } } });
  deepEqual(names(wanted.into), []);
});
