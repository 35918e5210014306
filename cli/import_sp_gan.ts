/** `deno task import-sp-gan --generator FILE --model FOLDER` @module */
import { Command } from "commander";
import { type ImportedNetwork, importSpGan as bring } from "../host/mod.ts";
import { exit } from "./exit.ts";
import { pointCount } from "./settings.ts";

interface ImportSettings {
  readonly generator: string;
  readonly discriminator?: string;
  readonly model: string;
  readonly points: number;
  readonly json?: boolean;
}

/** Points of a shape in Uni-3DAD. */
const POINTS = 4096;

/** The verb `import-sp-gan`. */
export function importSpGan(_signal: AbortSignal, finish: (code: number) => void): Command {
  return new Command("import-sp-gan")
    .description("Take over networks that the published code of SP-GAN trained")
    .requiredOption("--generator <file>", "its generator's tensors, a safetensors file with the published names")
    .option("--discriminator <file>", "its discriminator's")
    .requiredOption("--model <folder>", "where generator.safetensors is written")
    .option("--points <n>", "points that a shape has", pointCount, POINTS)
    .option("--json", "one JSON document on standard output")
    .action(async ({ json, ...options }: ImportSettings) => {
      const document = await bring(options), { model, points, generator, discriminator } = document;
      const words = (name: string, { widths, parameters }: ImportedNetwork) => {
        const all = Object.entries(widths).map(([layer, width]) => `${layer} ${[width].flat().join(" ")}`);
        return `${name}: ${parameters} parameters; ${all.join(", ")}`;
      };
      if (json) console.log(JSON.stringify(document, null, 2));
      else {
        console.log(`generator ${model}, shapes of ${points} points`);
        console.log(words("generator", generator));
        console.log(discriminator ? words("discriminator", discriminator) : "no discriminator");
      }
      finish(exit.ok);
    });
}
