/** A small computation for each kernel whose result is known, so that `doctor` can tell whether an adapter computes right. @module */
import { attentionSelfTests } from "./self_tests/attention.ts";
import { edgeSelfTests } from "./self_tests/edges.ts";
import { gapSelfTests } from "./self_tests/gaps.ts";
import { layerSelfTests } from "./self_tests/layers.ts";
import { lossSelfTests } from "./self_tests/losses.ts";
import { mapSelfTests } from "./self_tests/maps.ts";
import { neighbourSelfTests } from "./self_tests/neighbours.ts";
import { normSelfTests } from "./self_tests/norms.ts";
import { patchSelfTests } from "./self_tests/patches.ts";
import { pooledSelfTests } from "./self_tests/pooled.ts";
import { registrationSelfTests } from "./self_tests/registration.ts";
import { rowSelfTests } from "./self_tests/rows.ts";
import { surfaceSelfTests } from "./self_tests/surface.ts";
import type { KernelSelfTest } from "./self_tests/verdict.ts";

/** One test a kernel, or more; each takes milliseconds and reads back what it needs. */
export const kernelSelfTests: readonly KernelSelfTest[] = [
  ...neighbourSelfTests,
  ...rowSelfTests,
  ...surfaceSelfTests,
  ...registrationSelfTests,
  ...patchSelfTests,
  ...mapSelfTests,
  ...gapSelfTests,
  ...layerSelfTests,
  ...pooledSelfTests,
  ...attentionSelfTests,
  ...edgeSelfTests,
  ...lossSelfTests,
  ...normSelfTests,
];
