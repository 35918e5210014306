import { testConformance } from "../testing/mod.ts";
import { fpfh, fpfhExtractor, nearestNormal } from "./mod.ts";

await testConformance(fpfh);
await testConformance(fpfhExtractor, { options: { ...fpfhExtractor.presets.default, trials: 2 } }); // every preset is fitted too
await testConformance(nearestNormal);
