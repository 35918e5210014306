/** An explanation as text for the terminal. @module */
import type { ExplainDocument, ExplainedChannel, ExplainedPlace, NormalPatch, PlaceChannel } from "../core/mod.ts";
import { ABSENT, counted, percent, place, significant } from "./figures.ts";
import { printable, textTable } from "./text_table.ts";

/** Each place with the figures of its channels and the normal patches that it is most like. */
export function explainTable(document: ExplainDocument): string {
  const { model, scan, trust, channels, places } = document;
  const head = [
    `${model.name}, scan ${scan.name} (${scan.defect}): score ${significant(scan.score)}`,
    `method ${model.method} (${model.preset}), learned from ${counted(model.trainScans, "normal scan")}; ${
      trust > 0
        ? `the scan lies on normal ones, which is trusted by ${percent(trust)} %`
        : "the scan does not lie on normal ones"
    }`,
  ].map(printable);
  if (places.length === 0) return [...head, "", "Nothing is marked: the map is 0 everywhere."].join("\n");
  const meanings = channels.map(({ name, meaning, against, unit }) =>
    `${name}: ${meaning}${unit === "m" ? " in mm" : ""}, expected is what ${against}`
  );
  return [
    ...head,
    ...places.flatMap((one, i) => ["", ...placeLines(one, i, channels)]),
    "",
    "share: of the patch's own score, in which 1 has every channel where one normal patch in a hundred is above",
    "z: the value in deviations from what is expected there",
    ...meanings.map(printable),
  ].join("\n");
}

function placeLines(one: ExplainedPlace, index: number, channels: readonly ExplainedChannel[]): string[] {
  const { pixel, beside, millimetres, score, patchScore, nearest, local } = one;
  const { mean, deviation } = nearest.usual;
  const empty = beside ? `, without a measurement; told of ${beside.join(", ")} beside it` : "";
  return [
    `place ${index + 1}: pixel ${pixel.join(", ")}${empty}; ${place(millimetres)} mm; score ${
      significant(score)
    }, the patch alone ${significant(patchScore)}`,
    channelTable(one, channels),
    printable(
      `nearest patch of the memory bank: ${normalWords(nearest)}; usual to it ${significant(mean)} ± ${
        significant(deviation)
      }`,
    ),
    ...(local ? [printable(`nearest at the same place: ${normalWords(local)}`)] : []),
  ];
}

const normalWords = ({ scan, pixel, distance }: NormalPatch) =>
  `${scan} at pixel ${pixel.join(", ")}, distance ${significant(distance)}`;

function channelTable({ channels: told }: ExplainedPlace, channels: readonly ExplainedChannel[]): string {
  const rows = channels.map((channel) => {
    const { value, expected, spread, z } = inUnits(channel, told[channel.name]);
    const share = channel.share > 0 ? `${percent(channel.share)} %` : ABSENT;
    const usual = `${significant(expected)} ± ${significant(spread)}`;
    return [channel.name, share, significant(value), usual, spread > 0 ? z.toFixed(1) : ABSENT].map((text) => ({
      text,
    }));
  });
  const right = ["share", "value", "expected", "z"].map((head) => ({ head, align: "right" as const }));
  return textTable([{ head: "channel", align: "left" }, ...right], rows);
}

/** Lengths in millimetres. */
function inUnits({ unit }: ExplainedChannel, { value, expected, spread, z }: PlaceChannel): PlaceChannel {
  const factor = unit === "m" ? 1000 : 1;
  return { value: factor * value, expected: factor * expected, spread: factor * spread, z };
}
