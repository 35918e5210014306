/**
 * A scan brought to normal scans: ours against Open3D's point-to-plane ICP, from the same starts, on the same points. @module
 *
 * The normal scans lie ready on both sides, with their normals. What the motions leave is measured alike: the mean distance of the scan's
 * used points to each surface, cut at 1/18 of the extent.
 */
import { mainPiece, type Run } from "../../core/mod.ts";
import { alignmentCost, type AlignmentCostRequest, type Gpu, icp } from "../../kernels/mod.ts";
import { nearestNormal } from "../../plugins/mod.ts";
import { alignShapes } from "../../plugins/nearest_normal/align_shapes.ts";
import { outlineOf } from "../../plugins/nearest_normal/outline.ts";
import type { AlignedScan, AlignmentScene } from "./alignment_scene.ts";
import type { Contest } from "./contest.ts";

/** Steps of point-to-plane ICP with Tukey's weight. */
interface Pass {
  /** Radius of the weight, as a share of the extent. */
  readonly radius: number;
  /** Farthest partner, in radii. */
  readonly reach: number;
  readonly iterations: number;
  /** Every which point of the scan. */
  readonly step: number;
}

/** The registration's, from wide to narrow. */
const ROUGH: readonly Pass[] = [
  { radius: 1 / 9, reach: 1.5, iterations: 6, step: 5 },
  { radius: 1 / 18, reach: 1.5, iterations: 5, step: 5 },
];

/** The close fit's surface: six steps of falling radius. */
const closePasses = (count: number): Pass[] =>
  Array.from({ length: 6 }, (_, i) => ({
    radius: 1.5 / (14 + 40 * i / 6),
    reach: 1,
    iterations: 1,
    step: Math.max(1, Math.floor(count / 1200)),
  }));

/** A distance at which a point counts as not covered, as a share of the extent. */
const CAP = 1 / 18;

/** Rigid ICP alone, and all that the branch does to bring a scan to shapes. */
export function alignmentContests(scene: AlignmentScene, run: Run): Contest[] {
  const { registry: { extent }, scans } = scene;
  const contest = (
    name: string,
    isSameWork: boolean,
    passesOf: (one: AlignedScan) => readonly Pass[],
    ours: (one: AlignedScan) => Promise<() => Promise<number>>,
  ): Contest => ({
    name: `${name}, one scan to ${scans[0].members.length} normal scans`,
    target: null,
    repetitions: 2 * scans.length,
    peerFactor: 1,
    isSameWork,
    round(i) {
      const one = scans[i % scans.length], passes = passesOf(one);
      return {
        ours: () => ours(one),
        task: {
          task: "alignment",
          scan: one.files.points,
          starts: one.files.starts,
          normals: one.members.map((member) => scene.normalFiles[member]),
          radii: passes.map(({ radius }) => radius * extent),
          reaches: passes.map(({ radius, reach }) => radius * reach * extent),
          iterations: passes.map(({ iterations }) => iterations),
          steps: passes.map(({ step }) => step),
          cap: CAP * extent,
        },
      };
    },
  });
  return [
    contest("rigid ICP, 11 steps", true, () => ROUGH, (one) => rigid(one, extent, run)),
    contest(
      "register and fit as the branch does",
      false,
      ({ scan }) => [...ROUGH, ...closePasses(scan.count)],
      (one) => asTheBranch(one, scene, run),
    ),
  ];
}

/** What is left of a scan's distance to what motions bring it to, metres. */
async function meanResidual(gpu: Gpu, request: AlignmentCostRequest): Promise<number> {
  using found = alignmentCost(gpu, request);
  const costs = await gpu.read(found);
  return costs.reduce((sum, cost) => sum + cost / costs.length, 0);
}

/** The passes of {@linkcode ROUGH}: points and starts up, motions back. */
async function rigid({ points, registration, members, starts }: AlignedScan, extent: number, { gpu }: Run) {
  using made = new DisposableStack();
  const source = { values: made.use(gpu.upload("f32", points)), count: points.length / 4 };
  const transforms = made.use(gpu.upload("f32", starts)), targets = made.use(registration.surfacesOf(members));
  for (const { radius, iterations, step } of ROUGH) {
    icp(gpu, { source, step, targets, transforms, radius: radius * extent, iterations });
  }
  await gpu.read(transforms);
  const { step } = ROUGH[ROUGH.length - 1], owned = made.move();
  return async () => {
    using _owned = owned;
    return await meanResidual(gpu, { source, step, targets, transforms, cap: CAP * extent });
  };
}

/** Search of rasters, normals, registration, outline, close fit with a little stretch: from the prepared scan to the motions. */
async function asTheBranch({ scan, members }: AlignedScan, { registry, shapes }: AlignmentScene, run: Run) {
  const { extent } = registry, { gpu } = run;
  using made = new DisposableStack();
  const registration = made.use((await registry.register(scan, run))!);
  const outline = outlineOf(scan, mainPiece(scan, extent), registration.frame);
  const options = { ...nearestNormal.presets.default, shapes: members.length };
  const { targets, transforms } = made.use(
    await alignShapes(scan, registration, outline, shapes, options, extent, false, run),
  );
  await gpu.read(transforms);
  const [{ step }] = closePasses(scan.count), owned = made.move();
  return async () => {
    using _owned = owned;
    return await meanResidual(gpu, { source: registration.source, step, targets, transforms, cap: CAP * extent });
  };
}
