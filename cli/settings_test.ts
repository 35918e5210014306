import { deepEqual, equal, match, rejects, throws } from "node:assert/strict";
import { Command } from "commander";
import { OptionsRefused, UnknownName } from "../core/mod.ts";
import {
  methodOf,
  type MethodSettings,
  number,
  overridesOf,
  type RunSettings,
  wholeNumber,
  withMethodOptions,
  withRunOptions,
} from "./settings.ts";

/** What a verb gets of these words; throws the text of a refusal. */
function settings(...args: string[]): RunSettings & MethodSettings {
  const command = withMethodOptions(withRunOptions(new Command("verb"))).exitOverride()
    .configureOutput({ writeErr: () => {} });
  return command.parse(args, { from: "user" }).opts();
}

Deno.test("run options have quiet defaults, and sizes with units", () => {
  const { seed, memory, download } = settings();
  deepEqual([seed, memory, download], [0, 4 * 2 ** 30, true]);
  equal(settings("--memory", "1.5 GiB").memory, 1.5 * 2 ** 30);
  equal(settings("--memory=800mib").memory, 800 * 2 ** 20);
  equal(settings("--no-download").download, false);
  for (const wrong of ["4", "4GB", "-1GiB", "GiB", ""]) throws(() => settings(`--memory=${wrong}`), /KiB, MiB, GiB/);
});

Deno.test("numbers are whole and finite, and no empty words", () => {
  deepEqual(["0", "12", "1e3"].map(wholeNumber), [0, 12, 1000]);
  deepEqual(["-0.5", "1e-3"].map(number), [-0.5, 0.001]);
  for (const wrong of ["-1", "1.5", "", " ", "x", "Infinity", "9007199254740993"]) throws(() => wholeNumber(wrong));
  for (const wrong of ["", " ", "x", "NaN", "Infinity"]) throws(() => number(wrong));
});

Deno.test("overridesOf() gathers --set, --size and --background, numbers as numbers and words as words", () => {
  deepEqual(overridesOf(settings()), { prepare: {}, extractor: {} });
  deepEqual(
    overridesOf(settings(
      "--size=64",
      "--background=raw",
      "--set=extractor.ratio=0.05",
      "--set=extractor.descriptor.orient=none",
      "--set=extractor.descriptor.normalNeighbours=20",
      "--set=extractor.mostRows=null",
      "--set=prepare.keep=largest",
    )),
    {
      prepare: { background: "raw", size: 64, keep: "largest" },
      extractor: { ratio: 0.05, descriptor: { orient: "none", normalNeighbours: 20 }, mostRows: null },
    },
  );
  deepEqual(overridesOf(settings("--set=extractor.a=1", "--set=extractor.a.b=2")).extractor, { a: { b: 2 } });
  deepEqual(
    overridesOf(settings("--set=fuser.rule=max", "--set=missing.leastArea=3", "--set=reconstructor.a.b=1")),
    { prepare: {}, extractor: {}, fuser: { rule: "max" }, missing: { leastArea: 3 }, reconstructor: { a: { b: 1 } } },
  );
  for (const wrong of ["ratio=1", "fusers.x=1", "toString.x=1", "extractor=1", "extractor.=1", "extractor.ratio"]) {
    throws(() => settings(`--set=${wrong}`), /extractor.ratio=0.05/);
  }
});

Deno.test("methodOf() is the default method and preset unless said, takes one, and refuses by type", async () => {
  const { name, preset } = await methodOf(settings());
  deepEqual([name, preset], ["fpfh+nearest-normal/calibrated", "default"]);
  const { options } = await methodOf(settings("--preset=paper", "--set=extractor.descriptor.orient=none"));
  deepEqual(options.extractor.descriptor, {
    normalNeighbours: 30,
    sizes: [30],
    sparseSizes: [],
    orient: "none",
    form: "paper",
  });
  await rejects(() => methodOf(settings("--method=m3dm")), UnknownName);
  await rejects(() => methodOf(settings("--set=extractor.ratio=lots")), OptionsRefused);
  await rejects(
    () => methodOf(settings("--method=fpfh", "--set=fuser.rule=max")),
    /fuser.rule: this method has no fuser/,
  );
  await rejects(() => methodOf(settings("--set=extractor.descriptor=lots")), OptionsRefused);
  await rejects(() => methodOf(settings("--preset=paper,default")), OptionsRefused);
  throws(() => settings("--background=sky"), (error: Error) => {
    match(error.message, /plane, raw, none/);
    return true;
  });
});
