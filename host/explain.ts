/** `evaluate --explain`: why places of one test scan are marked. @module */
import {
  type ExplainDocument,
  explainedPlace,
  type Explanation,
  highestPlaces,
  mapPixelOf,
  type Method,
  NotExplainable,
  OptionsRefused,
  patchAt,
  prepare,
  type Prepared,
  type ScanPixel,
  scorePrepared,
  stage,
  UnknownName,
} from "../core/mod.ts";
import { assertDisjoint } from "../evaluation/mod.ts";
import { fitDataset, openCategory } from "./fit.ts";
import { entryScans } from "./inputs.ts";
import { holdModel } from "./model_handle.ts";
import type { OpenRun } from "./open_run.ts";

/** What to explain. */
export interface ExplainOptions {
  /** Path of the data set's folder. */
  readonly data: string;
  /** Name of its folder. */
  readonly category: string;
  /** It is fitted to the category's training scans. */
  readonly method: Method;
  /** A test scan's name as tables have it, such as `cut/010`. */
  readonly scan: string;
  /** A pixel of the scan; the highest places of its map where absent. */
  readonly at?: ScanPixel;
}

/** Places that are explained where none is asked for, and how far they are from each other at least, map pixels. */
const MOST_PLACES = 5, APART = 12;

/** Map pixels from a place that is asked for to the nearest patch, as a share of the map's side. */
const REACH = 10 / 224;

/**
 * Fits the method and explains one test scan.
 * @throws {UnknownName} for a scan that is not there @throws {NotExplainable} @throws {OverlappingSets} where it was learned too
 * @throws {OptionsRefused} for a place outside the scan, or where nothing of the part is @throws {ScanRefused} @throws {TooFewScans}
 */
export async function explainScan(options: ExplainOptions, run: OpenRun): Promise<ExplainDocument> {
  const { data, category, method, scan: wanted, at } = options;
  if (!method.extractor.explains?.(method.options.extractor)) throw new NotExplainable(method.name, method.preset);
  const open = await openCategory(data, category, run), { storage, dataset } = open;
  const entry = dataset.test.find(({ name }) => name === wanted);
  if (!entry) throw new UnknownName("test scan", wanted, dataset.test.map(({ name }) => name));
  await assertDisjoint({ label: "train", storage, entries: dataset.train }, {
    label: "test",
    storage,
    entries: [entry],
  });
  const [input] = entryScans(storage, dataset.category, [entry]), scan = await input.load();
  if (at && !(at[0] < scan.width && at[1] < scan.height)) {
    throw new OptionsRefused("explain", [{
      path: "at",
      message: `pixel ${at.join(", ")} lies outside of ${wanted}, which has ${scan.width} × ${scan.height}`,
    }]);
  }
  const feature: Method = { ...method, reconstructor: undefined, fuser: undefined }; // what is explained is its map alone
  const { model } = await fitDataset(open, feature, 0, run);
  using handle = await holdModel(model, run);
  return await handle.withRetry(async (model) => {
    using prepared = await stage(run, "prepare", () => prepare(scan, method.options.prepare, run));
    const { explanation } = await scorePrepared(model, prepared, run, { explain: true });
    if (!explanation) throw new NotExplainable(method.name, method.preset);
    const { description, software } = run.gpu.adapter;
    return {
      schema: "uni3dad.explain/1",
      adapter: { description, software },
      model: { name: model.name, method: method.name, preset: method.preset, trainScans: model.trainNames.length },
      scan: { name: wanted, defect: entry.defect, score: explanation.map.score },
      trust: explanation.trust,
      channels: explanation.channels,
      places: placesOf(explanation, prepared, at).map(({ pixel, patch }) =>
        explainedPlace(explanation, prepared, patch, pixel)
      ),
    };
  });
}

/** The place that is asked for, else the highest ones, with the patch that stands for each. */
function placesOf(explanation: Explanation, { frame }: Prepared, at: ScanPixel | undefined) {
  if (!at) {
    return highestPlaces(explanation.map, MOST_PLACES, APART).flatMap((pixel) => {
      const patch = patchAt(explanation, pixel, frame.size);
      return patch === undefined ? [] : [{ pixel, patch }];
    });
  }
  const pixel = mapPixelOf(frame, at), reach = Math.ceil(frame.size * REACH);
  const patch = patchAt(explanation, pixel, reach);
  if (patch !== undefined) return [{ pixel, patch }];
  const message = `no part of the scan lies within ${reach} map pixels of pixel ${at.join(", ")}`;
  throw new OptionsRefused("explain", [{ path: "at", message }]);
}
