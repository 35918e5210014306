/** One scan from its file to its map, against the published pipeline with a bank of the same rows. @module */
import { detectScan, resolveMethod } from "../../core/mod.ts";
import { readSafetensors, writeNpy } from "../../formats/mod.ts";
import { fileScans, fitDataset, openModel, type OpenRun, writeModel } from "../../host/mod.ts";
import { diskStorage } from "../../host/mod.ts";
import { builtIn } from "../../plugins/mod.ts";
import type { Contest } from "./contest.ts";
import type { Category } from "./inputs.ts";

/** Scans that the repetitions take in turn, spread over the test set. */
const SCANS = 5;

/** Fits the preset `reference` to the training scans, and gives that bank to both sides. Files go into `folder`. */
export async function detectionContest(
  { folder: data, dataset }: Category,
  folder: string,
  run: OpenRun,
): Promise<Contest & Disposable> {
  const method = resolveMethod("fpfh", "reference", builtIn);
  const modelFolder = `${folder}/model`, bankFile = `${folder}/bank.npy`;
  {
    const { model } = await fitDataset({ storage: diskStorage(data), dataset }, method, 0, run);
    using _fitted = model;
    await writeModel(modelFolder, model);
  }
  const bank = readSafetensors(await Deno.readFile(`${modelFolder}/extractor.safetensors`)).tensors.get("bank")!;
  await Deno.writeFile(bankFile, writeNpy(bank));
  const model = await openModel(modelFolder, run);
  const files = Array.from({ length: SCANS }, (_, i) => dataset.test[Math.floor(i * dataset.test.length / SCANS)])
    .map(({ file }) => `${data}/${file}`);
  const [first] = fileScans(files);
  const { width, height } = await first.load();
  return {
    name: `whole detection of one ${width} x ${height} scan (TIFF in, maps out, model loaded)`,
    target: 4,
    repetitions: 2 * SCANS,
    peerFactor: 1,
    round: (i) => ({
      async ours() {
        const [scan] = fileScans([files[i % SCANS]]);
        const { scored } = await detectScan(model.model, await scan.load(), {}, run);
        return () => scored.map.values.reduce((most, value) => Math.max(most, value), 0);
      },
      task: { task: "detection", scan: files[i % SCANS], bank: bankFile },
    }),
    [Symbol.dispose]: () => model[Symbol.dispose](),
  };
}
