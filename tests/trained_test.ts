/** Networks that `train` left, taken by the verbs that fit. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { synthesise, synthOptions } from "../evaluation/mod.ts";
import { diskStorage } from "../host/mod.ts";
import { sharedGpu } from "../testing/mod.ts";
import { commandLine } from "./command_line.ts";
import { temporaryFolder } from "./run_deno.ts";

const adapter = await sharedGpu() !== undefined;
const TINY = ["--size=64", "--set=prepare.clusterPoints=8", "--set=extractor.cells=16", "--set=extractor.trials=3"];
const METHOD = ["--method=fpfh+sp-gan/mean-std", "--set=reconstructor.steps=4", ...TINY];

/** Writes bagels of 64 × 64 pixels: training scans, a good test scan, and one of each defect. */
const put = (data: string, seed: number, train: number) =>
  synthesise(
    synthOptions.parse({ seed, width: 64, height: 64, train, good: 1, perDefect: 1, defects: ["missing"] }),
    diskStorage(data),
  );

Deno.test({
  name: "fit and detect take what train left, of these scans or of others, and say what is wrong with it",
  ignore: !adapter,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    using folder = temporaryFolder();
    const at = (name: string) => `${folder.path}/${name}`, model = at("networks");
    await put(at("data"), 0, 6);
    await put(at("others"), 1, 5);
    const of = (data: string) => [`--data=${at(data)}`, "--category=bagel"];
    const trained = await commandLine([
      "train",
      ...of("data"),
      `--model=${model}`,
      "--points=128",
      "--clouds=2",
      "--iterations=4",
      "--every=2",
      "--json",
    ]);
    equal(trained.code, 0, trained.stderr);

    const fit = (data: string, ...args: string[]) => commandLine(["fit", ...of(data), "--json", ...args]);
    const own = await fit("data", ...METHOD, `--model=${at("model")}`, `--trained=${model}/`);
    equal(own.code, 0, own.stderr);
    const { facts, calibration } = JSON.parse(own.stdout);
    deepEqual([facts.generators, facts.points, calibration], [2, 128, { kind: "leave-one-out", scans: 6 }]);
    ok(!own.stderr.includes("other scans"), own.stderr);
    const files = ["missing/000", "good/000"].map((name) =>
      at(`data/bagel/test/${name.split("/")[0]}/xyz/${name.split("/")[1]}.tiff`)
    );
    const detected = await commandLine(["detect", ...files, `--model=${at("model")}`, `--out=${at("out")}`, "--json"]);
    equal(detected.code, 0, detected.stderr);
    equal(JSON.parse(detected.stdout).scans.length, 2);

    const foreign = await commandLine([
      "detect",
      ...of("others"),
      ...METHOD,
      `--trained=${model}/1`,
      `--out=${at("out2")}`,
    ]);
    equal(foreign.code, 0, foreign.stderr);
    match(foreign.stderr, /trained on other scans/);

    const refused = async (words: RegExp, ...args: string[]) => {
      const said = await fit("data", `--model=${at("none")}`, ...args);
      equal(said.code, 2, said.stderr);
      match(said.stderr, words);
      ok(!(await Deno.stat(at("none/model.json")).catch(() => undefined)));
    };
    await refused(/none lie there: `train --model .*trained-missing/s, ...METHOD, `--trained=${at("data")}`);
    await refused(/no networks are trained there/, "--method=fpfh", ...TINY, `--trained=${model}`);
    await Deno.rename(`${model}/2`, at("away"));
    await refused(/1 of 2 lie there/, ...METHOD, `--trained=${model}`);
    const bytes = await Deno.readFile(`${model}/1/generator.safetensors`);
    await Deno.writeFile(`${model}/1/generator.safetensors`, bytes.subarray(0, bytes.length / 2));
    await refused(/damaged.*model-refused/s, ...METHOD, `--trained=${model}/1`);
    const both = await commandLine(["detect", files[0], `--model=${at("model")}`, `--trained=${model}`]);
    equal(both.code, 2);
    match(both.stderr, /--trained is for a fit/);
  },
});
