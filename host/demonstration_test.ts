import { deepEqual, equal, ok } from "node:assert/strict";
import { sizedTrainings } from "../plugins/mod.ts";
import { loadGenerator } from "../plugins/sp_gan/trained_generator.ts";
import { demonstrationNetworks } from "./demonstration.ts";
import { openTrained } from "./trained_networks.ts";

Deno.test("a small generator of bagels is shipped for the demonstration, whole and under 3 MB", async () => {
  const { generators } = await openTrained(demonstrationNetworks, "bagel");
  equal(generators.length, 1);
  const { size, latents, learned, frame } = loadGenerator(generators[0]);
  const { points, generator } = sizedTrainings.small.size;
  deepEqual(size, { points, generator });
  deepEqual([latents.length / generator.latent, learned.length, frame!.scans.length], [16, 16, 32]);
  const { size: bytes } = await Deno.stat(`${demonstrationNetworks}/bagel/generator.safetensors`);
  ok(bytes < 3e6, `${bytes} bytes`);
});
