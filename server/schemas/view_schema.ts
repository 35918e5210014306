/** What the page draws of a result: the schema of `report`'s {@linkcode ScanView}. @module */
import { z } from "zod";
import type { ScanView } from "../../report/mod.ts";
import { foundSchema } from "./detect_schema.ts";

const base64 = (what: string) => z.base64().describe(`${what}, in base64`);
const png = (what: string) => base64(`PNG: ${what}`);
const pixel = z.object({ x: z.number(), y: z.number() });

const branches = z.object({
  square: pixel.extend({ width: z.number(), height: z.number() }).describe("where maps lie, in pixels of the pictures"),
  surface: png("what odd surfaces add to the score; of the map's size"),
  missing: png("what missing material adds to it; of the map's size"),
  whole: png("the whole shape; of the map's size").optional(),
  part: png("the part of it that the scan lacks").optional(),
});

const pictures = z.object({
  width: z.int().describe("pixels of each picture"),
  height: z.int(),
  relief: png("the shaded scan"),
  heat: png("its scores in colour"),
  regions: png("outlines of its regions").optional(),
  truth: png("outline of its ground truth").optional(),
  missing: png("outline of what is missing").optional(),
  branches: branches.optional(),
});

const points = z.object({
  count: z.int(),
  positions: base64("count × 3 int16, little-endian: steps of stepMm from originMm"),
  originMm: z.tuple([z.number(), z.number(), z.number()]).readonly(),
  stepMm: z.number(),
  scores: base64("count × uint16, little-endian: 65535 is mostScore"),
  mostScore: z.number(),
  greys: base64("count × uint8"),
  missing: z.object({
    count: z.int(),
    positions: base64("as those of the points"),
    colours: base64("count × red, green, blue"),
  }).optional().describe("points of the whole shape that the scan lacks"),
});

/** `uni3dad.view/1`. */
export const viewSchema = z.object({
  schema: z.literal("uni3dad.view/1"),
  found: foundSchema,
  scale: z.object({
    max: z.number(),
    threshold: z.number().nullable(),
    colours: z.array(z.string()).readonly().describe("CSS colours of equal steps from a score of 0 to max"),
  }),
  mapThreshold: z.number().nullable().describe("regions are where scores are above it"),
  pictures,
  points,
  marks: z.array(pixel).readonly().describe("pixel of each region's middle, for the first ones"),
  lacking: z.array(z.int()).readonly().describe("numbers, from 1, of regions in which something is missing"),
}).meta({ id: "ScanView" }) satisfies z.ZodType<ScanView>;
