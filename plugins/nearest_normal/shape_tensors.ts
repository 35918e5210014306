/** Normal shapes as tensors of a model. @module */
import { z } from "zod";
import { type ModelFolder, ModelRefused, type Tensor } from "../../core/mod.ts";
import type { ColumnShape } from "../../kernels/mod.ts";
import type { ShapeValues } from "./shapes.ts";
import { gapsOf, type UsualGaps } from "./usual_gaps.ts";

const factsSchema = z.strictObject({
  extent: z.number().positive(),
  least: z.tuple([z.number(), z.number()]),
  side: z.number().positive(),
  across: z.int().positive(),
  mirrors: z.boolean(),
});

/** What a model keeps of the shapes. */
export interface KeptShapes {
  /** By number of the normal scan; undefined for those that can't stand for a whole shape. */
  readonly values: readonly (ShapeValues | undefined)[];
  /** The gaps seen at each of them. */
  readonly gaps: readonly (UsualGaps | undefined)[];
  /** The registry's columns. */
  readonly columns: ColumnShape;
  /** Metres. */
  readonly extent: number;
  /** Whether mirror images are shapes as well. */
  readonly mirrors: boolean;
}

/** Keeps all shapes; their usual depths are those of the gaps. A scan without a shape has no points here. */
export function saveShapeValues(
  model: ModelFolder,
  { values, gaps, columns: { least, side, across }, extent, mirrors }: KeptShapes,
): void {
  const counts = values.map((one) => one?.spacing.length ?? 0), outlines = values.map((one) => one?.outline.count ?? 0);
  const present = values.filter((one) => one !== undefined);
  const seen = gaps.filter((one) => one !== undefined);
  const floats = (parts: readonly Float32Array[]) => Float32Array.from(parts.flatMap((part) => Array.from(part)));
  const scalars = (values: Tensor["values"]) => ({ shape: [values.length], values });
  const rows = (values: Tensor["values"], across: number) => ({ shape: [values.length / across, across], values });
  model.putFacts({ extent, least, side, across, mirrors });
  model.putTensor("counts", scalars(Uint32Array.from(counts)));
  model.putTensor("spacing", scalars(floats(present.map(({ spacing }) => spacing))));
  model.putTensor("outline.counts", scalars(Uint32Array.from(outlines)));
  model.putTensor("outline.points", rows(floats(present.map(({ outline }) => outline.points)), 4));
  model.putTensor("outline.directions", rows(floats(present.map(({ outline }) => outline.directions)), 4));
  model.putTensor("gaps.counts", scalars(Uint32Array.from(gaps, (one) => (one?.filled.length ?? 0) / 2)));
  model.putTensor("gaps.filled", rows(Uint32Array.from(seen.flatMap(({ filled }) => Array.from(filled))), 2));
  model.putTensor("gaps.seen", rows(Float64Array.from(seen.flatMap((one) => Array.from(one.seen))), 3));
}

/** Opens what {@linkcode saveShapeValues} kept. @throws {ModelRefused} */
export function loadShapeValues(model: ModelFolder): KeptShapes {
  const { extent, mirrors, ...columns } = factsOf(model);
  const [counts, outlines, slots] = ["counts", "outline.counts", "gaps.counts"].map((name) =>
    model.tensor(name).values
  );
  const floats = (name: string) => model.tensor(name).values as Float32Array<ArrayBuffer>;
  const spacing = floats("spacing"), points = floats("outline.points"), directions = floats("outline.directions");
  const filled = model.tensor("gaps.filled").values as Uint32Array<ArrayBuffer>;
  const seen = model.tensor("gaps.seen").values as Float64Array<ArrayBuffer>;
  const gaps: (UsualGaps | undefined)[] = [];
  let first = 0, edge = 0, slot = 0;
  const values = Array.from(counts, (count, i): ShapeValues | undefined => {
    if (count === 0) return gaps[i] = undefined;
    const [end, edgeEnd, slotEnd] = [first + count, edge + outlines[i], slot + slots[i]];
    gaps[i] = gapsOf(filled.slice(2 * slot, 2 * slotEnd), seen.slice(3 * slot, 3 * slotEnd), columns);
    const shape: ShapeValues = {
      spacing: spacing.slice(first, end),
      usual: gaps[i].usual(),
      outline: {
        count: outlines[i],
        points: points.slice(4 * edge, 4 * edgeEnd),
        directions: directions.slice(4 * edge, 4 * edgeEnd),
      },
    };
    [first, edge, slot] = [end, edgeEnd, slotEnd];
    return shape;
  });
  return { values, gaps, columns, extent, mirrors };
}

function factsOf(model: ModelFolder): z.output<typeof factsSchema> {
  const parsed = factsSchema.safeParse(model.facts());
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ModelRefused("of whole shapes", ["facts", ...issue.path].join("."), "what a fit keeps", issue.message);
}
