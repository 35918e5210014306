/** What `detect` shows when it is given nothing: a small synthetic product. @module */
import { type Run, throwIfAborted } from "../core/mod.ts";
import { type ProductName, synthesise, synthOptions } from "../evaluation/mod.ts";
import { diskStorage } from "./disk.ts";

/** Normal scans of the demonstration: enough for a false-alarm rate of 5 %, which takes at least 19. */
const TRAIN = 24;

/**
 * Folder with a generator of each demonstrated product's shapes, by the product's name, trained on scans of another seed:
 * `synth --product bagel --out DIR --seed 717 --train 32`, then `train --data DIR --category bagel --iterations 80 --model FOLDER`; the
 * first of its two.
 */
export const demonstrationNetworks = `${import.meta.dirname}/demonstration`;

/** Makes the data set below `folder` and gives its category. */
export async function makeDemonstration(folder: string, product: ProductName, run: Run): Promise<string> {
  const options = synthOptions.parse({ product, seed: run.seed, train: TRAIN });
  await synthesise(options, diskStorage(folder), (done, total) => {
    throwIfAborted(run);
    run.progress(`scanning a synthetic ${product}`, done, total);
  });
  return product;
}
