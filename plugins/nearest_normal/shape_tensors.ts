/** Normal shapes as tensors of a model. @module */
import { z } from "zod";
import type { ModelFolder } from "../../core/mod.ts";
import type { ColumnShape } from "../../kernels/mod.ts";
import type { ShapeValues } from "./shapes.ts";

const factsSchema = z.strictObject({
  extent: z.number().positive(),
  least: z.tuple([z.number(), z.number()]),
  side: z.number().positive(),
  across: z.int().positive(),
});

/** What {@linkcode loadShapeValues} gives. */
export interface LoadedShapes {
  /** By number of the normal scan; undefined for those that can't stand for a whole shape. */
  readonly values: readonly (ShapeValues | undefined)[];
  /** The registry's columns. */
  readonly columns: ColumnShape;
  /** Metres. */
  readonly extent: number;
}

/** Keeps all shapes. A scan without a shape has no points here. */
export function saveShapeValues(
  model: ModelFolder,
  values: readonly (ShapeValues | undefined)[],
  { least, side, across }: ColumnShape,
  extent: number,
): void {
  const counts = values.map((one) => one?.spacing.length ?? 0), outlines = values.map((one) => one?.outline.count ?? 0);
  const present = values.filter((one) => one !== undefined);
  const joined = (parts: readonly Float32Array[]) => Float32Array.from(parts.flatMap((part) => Array.from(part)));
  const vectors = (parts: readonly Float32Array[]) => ({
    shape: [parts.reduce((sum, part) => sum + part.length / 4, 0), 4],
    values: joined(parts),
  });
  const scalars = (parts: readonly Float32Array[]) => ({
    shape: [parts.reduce((sum, part) => sum + part.length, 0)],
    values: joined(parts),
  });
  model.putFacts({ extent, least, side, across });
  model.putTensor("counts", { shape: [values.length], values: Uint32Array.from(counts) });
  model.putTensor("spacing", scalars(present.map(({ spacing }) => spacing)));
  model.putTensor("usual", scalars(present.map(({ usual }) => usual)));
  model.putTensor("outline.counts", { shape: [values.length], values: Uint32Array.from(outlines) });
  model.putTensor("outline.points", vectors(present.map(({ outline }) => outline.points)));
  model.putTensor("outline.directions", vectors(present.map(({ outline }) => outline.directions)));
}

/** Opens what {@linkcode saveShapeValues} kept. @throws {ModelRefused} */
export function loadShapeValues(model: ModelFolder): LoadedShapes {
  const { extent, ...columns } = factsSchema.parse(model.facts());
  const counts = model.tensor("counts").values, outlines = model.tensor("outline.counts").values;
  const floats = (name: string) => model.tensor(name).values as Float32Array<ArrayBuffer>;
  const spacing = floats("spacing"), usual = floats("usual");
  const points = floats("outline.points"), directions = floats("outline.directions");
  let first = 0, edge = 0;
  const values = Array.from(counts, (count, i): ShapeValues | undefined => {
    if (count === 0) return undefined;
    const [end, edgeEnd] = [first + count, edge + outlines[i]];
    const shape: ShapeValues = {
      spacing: spacing.slice(first, end),
      usual: usual.slice(first, end),
      outline: {
        count: outlines[i],
        points: points.slice(4 * edge, 4 * edgeEnd),
        directions: directions.slice(4 * edge, 4 * edgeEnd),
      },
    };
    [first, edge] = [end, edgeEnd];
    return shape;
  });
  return { values, columns, extent };
}
