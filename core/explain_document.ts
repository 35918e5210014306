/** The document of an explanation, as the verb writes it: `uni3dad.explain/1`. @module */
import type { ExplainedChannel } from "./explanation.ts";

/** A pixel of a scan: column from the left, row from the top. */
export type ScanPixel = readonly [x: number, y: number];

/** What one channel says of a place. */
export interface PlaceChannel {
  /** In the channel's unit. */
  readonly value: number;
  /** Mean of what normal scans have there. */
  readonly expected: number;
  /** Its deviation. */
  readonly spread: number;
  /** (value − expected) / spread. */
  readonly z: number;
}

/** A patch of a normal scan. */
export interface NormalPatch {
  /** The normal scan's name. */
  readonly scan: string;
  /** Where the patch lies in it. */
  readonly pixel: ScanPixel;
  /** Distance of the features; it has no unit. */
  readonly distance: number;
}

/** One place of the scan. */
export interface ExplainedPlace {
  /** In the scan's own pixels. */
  readonly pixel: ScanPixel;
  /** The pixel of the patch that stands for a place without measurement of its own; null elsewhere. */
  readonly beside: ScanPixel | null;
  /** The pixel that has a measurement in the camera's frame, millimetres. */
  readonly millimetres: readonly [number, number, number];
  /** What the map has there. */
  readonly score: number;
  /** What the patch has by itself; 1 has every channel where one normal patch in a hundred is above. */
  readonly patchScore: number;
  /** By the channels' names. */
  readonly channels: Readonly<Record<string, PlaceChannel>>;
  /** The most alike of all, with the distances that normal patches have to it. */
  readonly nearest: NormalPatch & { readonly usual: { readonly mean: number; readonly deviation: number } };
  /** The most alike at the same place of the part; null where the scan was not registered. */
  readonly local: NormalPatch | null;
}

/** `uni3dad.explain/1`. */
export interface ExplainDocument {
  /** Name and version of this form. */
  readonly schema: "uni3dad.explain/1";
  /** The driver's words, and whether the "GPU" was the processor. */
  readonly adapter: { readonly description: string; readonly software: boolean };
  /** What the method was fitted to, and how. */
  readonly model: {
    readonly name: string;
    readonly method: string;
    readonly preset: string;
    readonly trainScans: number;
  };
  /** The scan; `defect` is what the data set says of it. */
  readonly scan: { readonly name: string; readonly defect: string; readonly score: number };
  /** How far its registration is trusted, 0 to 1. */
  readonly trust: number;
  /** What the method judges patches by. */
  readonly channels: readonly ExplainedChannel[];
  /** The highest first. */
  readonly places: readonly ExplainedPlace[];
}
