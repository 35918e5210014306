import { testConformance } from "../testing/mod.ts";
import { fpfh, fpfhExtractor } from "./mod.ts";

await testConformance(fpfh);
await testConformance(fpfhExtractor);
