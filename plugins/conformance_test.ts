import { testConformance } from "../testing/mod.ts";
import { fpfh, fpfhExtractor, nearestNormal, spGan } from "./mod.ts";

await testConformance(fpfh);
await testConformance(fpfhExtractor, { options: { ...fpfhExtractor.presets.default, trials: 2 } }); // every preset is fitted too
await testConformance(nearestNormal);

const tiny = { ...spGan.presets.default, points: 64, iterations: 2, steps: 2 }; // networks of the whole size, hardly trained
await testConformance(spGan, {
  options: tiny,
  presets: [tiny, { ...tiny, way: "paper" }, { ...tiny, way: "reference" }],
});
