/** What was decided of a scan, and why. @module */
/// <reference lib="dom" />
import type { ScanFound } from "../../../core/mod.ts";
import type { Result } from "../../schemas/result_schema.ts";
import { type Child, el } from "./dom.ts";
import { ABSENT, area, counted, moment, place, significant } from "./figures.ts";
import { hashOf } from "./route.ts";

/** The decision as a sentence. */
export function decisionSentence({ score, threshold, decision, decidedBy, pose }: ScanFound): string {
  if (threshold === null) return `Score ${significant(score)}. No threshold is known, so nothing is decided.`;
  const strange = decision === "anomalous" && score <= threshold;
  const compared = `Score ${significant(score)}, ${score > threshold ? "above" : "not above"} the threshold ${
    significant(threshold)
  }.`;
  if (strange) return `${compared} It is anomalous as no normal shape fits the scan.`;
  if (decision === "normal" || decidedBy === null) return compared;
  if (pose?.fits === false) return `${compared} No normal shape fits the scan.`;
  return `${compared} ${decidedBy === "reconstruction" ? "A piece is missing." : "A surface looks odd."}`;
}

/** Where the parts of a scan stand out, in one line, for who doesn't see the pictures. */
export function regionsSentence({ regions }: ScanFound, lacking: readonly number[]): string {
  if (regions.length === 0) return "No place is above the threshold.";
  const [first] = regions;
  const what = regionWords(first.branch, 1, lacking);
  return `${counted(regions.length, "region")} above the threshold; the highest, ${what}, ${
    area(first.areaMm2)
  } at x, y, z ${place(first.centreMm)} mm.`;
}

/** What a region is. */
function regionWords(branch: "feature" | "reconstruction", number: number, lacking: readonly number[]): string {
  return branch === "reconstruction"
    ? "missing"
    : lacking.includes(number)
    ? "odd surface, partly missing"
    : "odd surface";
}

/** Decision, reasons and origin. */
export function decisionPanel(
  found: ScanFound,
  { id, created, model, job, document: { model: facts } }: Result,
): HTMLElement {
  const { decision, thresholdOrigin, pValue, pose, notes, seconds, truth } = found;
  const fact = (name: string, ...value: readonly Child[]) => [el("dt", {}, name), el("dd", {}, ...value)];
  return el(
    "section",
    { class: `panel decision ${decision}`, "aria-label": "Decision" },
    el("p", { class: "verdict" }, decisionSentence(found)),
    ...notes.map((note) => el("p", { class: "note" }, note)),
    el(
      "dl",
      { class: "facts" },
      ...fact("Threshold from", thresholdOrigin),
      ...fact(
        "p-value",
        pValue === null
          ? "none: the model has no calibration"
          : `${significant(pValue)}, the share of held-out normal scans that score at least as high`,
      ),
      ...pose ? fact("Pose", poseWords(pose)) : [],
      ...truth === undefined ? [] : fact("Data set says", truth),
      ...fact(
        "Model",
        el("a", { href: hashOf({ kind: "history", filter: { model } }) }, model),
        `, ${facts.method}, ${counted(facts.trainScans, "scan")}`,
      ),
      ...fact("Decided", el("time", { datetime: created }, moment(created)), `, in ${seconds.toFixed(1)} s`),
      ...fact(
        "Result",
        id,
        ...job === null ? [] : [", ", el("a", { href: hashOf({ kind: "job", id: job }) }, "its job")],
      ),
    ),
  );
}

function poseWords({ costMm, covered, fits }: NonNullable<ScanFound["pose"]>): string {
  const distance = `${costMm.toFixed(2)} mm from the normal scans that it was brought to`;
  if (!fits) return `${distance}: like no normal scan, so it may be another product, or upside down`;
  return covered
    ? `${distance}, as near as they are to each other`
    : `${distance}: normal scans don't cover this pose, so the p-value is not to be relied on`;
}

/** All regions as a table. */
export function regionTable({ regions }: ScanFound, lacking: readonly number[]): HTMLElement {
  if (regions.length === 0) return el("p", { class: "quiet" }, "No place is above the map's threshold.");
  const heads: readonly (readonly [string, string, string?])[] = [
    ["Region", "number"],
    ["What", ""],
    ["Area", "number"],
    ["Peak", "number"],
    ["x, y, z, mm", "number", "middle of the region in the camera's frame: x to the right, y down, z away"],
  ];
  return el(
    "div",
    { class: "scroll", role: "region", "aria-label": "Regions", tabindex: 0 },
    el(
      "table",
      { class: "small" },
      el(
        "thead",
        {},
        el("tr", {}, ...heads.map(([words, kind, title]) => el("th", { scope: "col", class: kind, title }, words))),
      ),
      el(
        "tbody",
        {},
        ...regions.map(({ areaMm2, centreMm, peak, branch }, i) =>
          el(
            "tr",
            {},
            el("th", { scope: "row", class: "number" }, String(i + 1)),
            el("td", {}, regionWords(branch, i + 1, lacking)),
            el("td", { class: "number" }, areaMm2 > 0 ? area(areaMm2) : ABSENT),
            el("td", { class: "number" }, significant(peak)),
            el("td", { class: "number" }, place(centreMm)),
          )
        ),
      ),
    ),
  );
}
