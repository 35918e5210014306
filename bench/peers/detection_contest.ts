/** One scan from its file to its map, against the published pipeline. @module */
import { detectScan, resolveMethod } from "../../core/mod.ts";
import { readSafetensors, writeNpy } from "../../formats/mod.ts";
import { fileScans, fitDataset, openModel, type OpenRun, writeModel } from "../../host/mod.ts";
import { diskStorage } from "../../host/mod.ts";
import { builtIn } from "../../plugins/mod.ts";
import type { Contest } from "./contest.ts";
import type { Category } from "./inputs.ts";

/** Scans that the repetitions take in turn, spread over the test set. */
const SCANS = 5;

/**
 * Two contests against the published pipeline: the preset `reference`, whose bank both sides get, so that both do the same work, and the
 * preset `default`, which does more. Files go into `folder`.
 */
export async function detectionContests(
  category: Category,
  folder: string,
  run: OpenRun,
): Promise<(Contest & Disposable)[]> {
  const reference = `${folder}/reference`, bankFile = `${folder}/bank.npy`;
  await fitInto(reference, "reference", category, run);
  const bank = readSafetensors(await Deno.readFile(`${reference}/extractor.safetensors`)).tensors.get("bank")!;
  await Deno.writeFile(bankFile, writeNpy(bank));
  const full = `${folder}/default`;
  await fitInto(full, "default", category, run);
  return [
    await contest(reference, "the published method, preset reference", 4, true, category, bankFile, run),
    await contest(full, "preset default", 1, false, category, bankFile, run),
  ];
}

async function fitInto(
  folder: string,
  preset: string,
  { folder: data, dataset }: Category,
  run: OpenRun,
): Promise<void> {
  const method = resolveMethod("fpfh", preset, builtIn);
  const { model } = await fitDataset({ storage: diskStorage(data), dataset }, method, 0, run);
  using _fitted = model;
  await writeModel(folder, model);
}

async function contest(
  modelFolder: string,
  words: string,
  target: number,
  isSameWork: boolean,
  { folder: data, dataset }: Category,
  bankFile: string,
  run: OpenRun,
): Promise<Contest & Disposable> {
  const model = await openModel(modelFolder, run);
  const files = Array.from({ length: SCANS }, (_, i) => dataset.test[Math.floor(i * dataset.test.length / SCANS)])
    .map(({ file }) => `${data}/${file}`);
  const [first] = fileScans(files);
  const { width, height } = await first.load();
  return {
    name: `whole detection of one ${width} x ${height} scan (TIFF in, maps out, model loaded): ${words}`,
    target,
    repetitions: 2 * SCANS,
    peerFactor: 1,
    isSameWork,
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
