/** The picture of a scan with its score map, in layers that are switched. @module */
/// <reference lib="dom" />
import type { ScanView } from "../../../report/mod.ts";
import { el, svg } from "./dom.ts";
import { significant } from "./figures.ts";
import { outlinePath, stepAbove, stepsOf } from "./heat_steps.ts";
import { parseColour } from "./recolour.ts";

/** A picture in the page. */
export interface MapView {
  readonly node: HTMLElement;
  /** Draws the line around what is above a threshold; `explored` says that it is not the model's. */
  setThreshold(threshold: number, explored: boolean): void;
}

interface Layer {
  readonly id: string;
  readonly words: string;
  readonly title: string;
  readonly nodes: readonly SVGElement[];
}

/** Makes the picture; addresses of its bytes are let go when the signal is aborted. */
export function mapView(view: ScanView, about: string, signal: AbortSignal): MapView {
  const { width, height, relief, heat, regions, truth, missing, branches } = view.pictures;
  const urls: string[] = [];
  const address = (base64: string) => {
    urls.push(URL.createObjectURL(blobOf(base64)));
    return urls.at(-1)!;
  };
  signal.addEventListener("abort", () => urls.forEach((url) => URL.revokeObjectURL(url)), { once: true });
  const image = (base64: string) => svg("image", { width, height, href: address(base64) });
  const ofMap = (base64: string) => {
    const { square } = branches!;
    return svg("image", {
      x: square.x,
      y: square.y,
      width: square.width,
      height: square.height,
      preserveAspectRatio: "none",
      href: address(base64),
    });
  };
  const line = svg("path", { class: "explored", fill: "none", "vector-effect": "non-scaling-stroke" });
  const part = branches?.part ? image(branches.part) : undefined;
  const maps: readonly Layer[] = [
    {
      id: "fused",
      words: branches ? "score of both branches" : "score",
      title: "the score that decides",
      nodes: [image(heat)],
    },
    ...branches
      ? [
        {
          id: "surface",
          words: "S1, odd surface",
          title: "what surfaces that look odd add to the score",
          nodes: [ofMap(branches.surface)],
        },
        {
          id: "missing",
          words: "S2, missing",
          title: "what missing material adds to the score",
          nodes: [ofMap(branches.missing)],
        },
        ...branches.whole
          ? [{
            id: "whole",
            words: "whole shape",
            title: "the normal shape that the scan should have been, over the scan",
            nodes: [ofMap(branches.whole)],
          }]
          : [],
      ]
      : [],
    { id: "scan", words: "scan alone", title: "the scan as measured, shaded", nodes: part ? [part] : [] },
  ];
  const original = regions ? [image(regions)] : [], size = Math.max(width, height) / 24;
  const numbers = view.marks.map(({ x, y }, i) =>
    svg("text", {
      x: Math.min(width - size, x + size),
      y: Math.max(size, y - size / 2),
      "font-size": size,
      "stroke-width": size / 5,
    }, String(i + 1))
  );
  const outlines: readonly Layer[] = [
    {
      id: "regions",
      words: "above the threshold (white)",
      title: "regions above the threshold",
      nodes: [...original, line, ...numbers],
    },
    ...missing
      ? [{ id: "part", words: "missing part (light blue)", title: "what the scan lacks", nodes: [image(missing)] }]
      : [],
    ...truth
      ? [{ id: "truth", words: "ground truth (cyan)", title: "what the data set says", nodes: [image(truth)] }]
      : [],
  ];
  const groups = new Map([...maps, ...outlines].map(({ id, nodes }) => [id, svg("g", {}, ...nodes)]));
  const show = (id: string, on: boolean) =>
    on ? groups.get(id)!.removeAttribute("display") : groups.get(id)!.setAttribute("display", "none");
  for (const { id } of maps.slice(1)) show(id, false);
  const radios = maps.map(({ id, words, title }, i) => {
    const radio = el("input", { type: "radio", name: "map", id: `map-${id}`, checked: i === 0 });
    radio.addEventListener("change", () => maps.forEach((map) => show(map.id, map.id === id)));
    return el("label", { title }, radio, ` ${words}`);
  });
  const boxes = outlines.map(({ id, words, title }) => {
    const box = el("input", { type: "checkbox", id: `line-${id}`, checked: true });
    box.addEventListener("change", () => show(id, box.checked));
    return el("label", { title }, box, ` ${words}`);
  });
  const steps = readSteps(heat, width, height, view.scale.colours.map(parseColour));
  return {
    node: el(
      "div",
      {},
      svg(
        "svg",
        {
          class: "picture",
          viewBox: `0 0 ${width} ${height}`,
          role: "img",
          "aria-label": `Score map of the scan. ${about}`,
        },
        image(relief),
        ...groups.values(),
      ),
      colourBar(view.scale),
      el("fieldset", { class: "choices" }, el("legend", {}, "Picture"), ...radios),
      el("fieldset", { class: "choices" }, el("legend", {}, "Lines"), ...boxes),
    ),
    async setThreshold(threshold, explored) {
      const above = await steps, least = stepAbove(threshold, view.scale.max, view.scale.colours.length - 1);
      line.setAttribute("d", explored ? outlinePath((pixel) => above[pixel] >= least, width, height) : "");
      for (const node of original) explored ? node.setAttribute("display", "none") : node.removeAttribute("display");
    },
  };
}

const blobOf = (base64: string) => new Blob([Uint8Array.fromBase64(base64)], { type: "image/png" });

/** The step of the scale at each pixel of a heat layer. */
async function readSteps(
  png: string,
  width: number,
  height: number,
  colours: Parameters<typeof stepsOf>[1],
): Promise<Uint8Array> {
  const bitmap = await createImageBitmap(blobOf(png)), canvas = el("canvas", { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.drawImage(bitmap, 0, 0);
  return stepsOf(context.getImageData(0, 0, width, height).data, colours);
}

/** What a colour over grey means, with the threshold on it. */
function colourBar({ max, threshold, colours }: ScanView["scale"]): HTMLElement {
  const stops = colours.filter((_, i) => i % 4 === 0).map((colour, i, all) => {
    const [red, green, blue, cover] = parseColour(colour);
    return svg("stop", {
      offset: i / (all.length - 1),
      "stop-color": `rgb(${red},${green},${blue})`,
      "stop-opacity": cover,
    });
  });
  const at = threshold === null ? 0 : 100 * Math.min(1, threshold / max);
  const bar = (fill: string) => svg("rect", { y: 2, width: 100, height: 12, fill });
  const words = el("span", { class: "scale-mark" }, `threshold ${significant(threshold)}`);
  words.style.left = `${at}%`;
  return el(
    "div",
    { class: "scale", role: "img", "aria-label": `Colours of scores from 0 to ${significant(max)}` },
    svg(
      "svg",
      { viewBox: "0 0 100 16", preserveAspectRatio: "none" },
      svg("defs", {}, svg("linearGradient", { id: "scale-fill" }, ...stops)),
      bar("#8a8a8a"),
      bar("url(#scale-fill)"),
      threshold !== null &&
        svg("line", { class: "mark", x1: at, x2: at, y1: 0, y2: 16, "vector-effect": "non-scaling-stroke" }),
    ),
    el(
      "div",
      { class: "scale-words" },
      el("span", {}, "0"),
      threshold !== null && words,
      el("span", {}, `≥ ${significant(max)}`),
    ),
  );
}
