/** The scan in 3-D, coloured by its scores, with what is missing; with buttons that turn it and words that say what is seen. @module */
/// <reference lib="dom" />
import type { ScanView } from "../../../report/mod.ts";
import { type Camera, STRAIGHT, turnedCamera } from "./camera_turn.ts";
import { errorNote, messageOf } from "./badge.ts";
import { type DecodedPoints, decodePoints, decodePositions } from "./decode_points.ts";
import { button, el } from "./dom.ts";
import { openPlotting, type Plotting } from "./plotting.ts";
import { colourPoints, parseColour } from "./recolour.ts";

/** A 3-D view in the page. */
export interface CloudView {
  readonly node: HTMLElement;
  /** Colours what is above a threshold. */
  setThreshold(threshold: number): void;
  /** Points of the scan with scores, for words about them. */
  readonly points: DecodedPoints;
}

/** Numbers of the traces. */
const POINTS = 0, ABOVE = 1, MISSING = 3;

/** Makes the view; the library is brought once it is in the page, and all is let go when the signal is aborted. */
export function cloudView(view: ScanView, about: string, signal: AbortSignal): CloudView {
  const points = decodePoints(view.points), { axes, scores } = points, colours = view.scale.colours.map(parseColour);
  const space = el("div", { class: "space", role: "img", "aria-label": `3-D view of the scan. ${about}` });
  const failed = el("div", {});
  const onlyAbove = el("input", { type: "checkbox", id: "only-above" });
  const missing = el("input", { type: "checkbox", id: "missing-3d", checked: true });
  const state = {
    threshold: view.mapThreshold ?? view.scale.max / 2,
    camera: STRAIGHT,
    drawn: undefined as Plotting | undefined,
    frame: 0,
  };
  const painted = () =>
    colourPoints(points, { max: view.scale.max, colours, threshold: state.threshold, onlyAbove: onlyAbove.checked });
  const repaint = () => {
    cancelAnimationFrame(state.frame);
    state.frame = requestAnimationFrame(() => {
      if (!state.drawn) return;
      const now = painted();
      const { x, y, z, customdata, color } = aboveTrace(points, now), [allX, allY, allZ] = axes;
      state.drawn.restyle(space, {
        x: [allX, x],
        y: [allY, y],
        z: [allZ, z],
        customdata: [scores, customdata],
        "marker.color": [now.colours, color],
      }, [POINTS, ABOVE]); // in one call, as each draws the scene anew
    });
  };
  const turn = (around: number, over: number, nearer = 1) => {
    state.camera = turnedCamera(state.camera, { around, over, nearer });
    state.drawn?.relayout(space, { "scene.camera": state.camera });
  };
  onlyAbove.addEventListener("change", repaint);
  missing.addEventListener("change", () => state.drawn?.restyle(space, { visible: missing.checked }, [MISSING]));
  signal.addEventListener("abort", () => state.drawn?.purge(space), { once: true });

  openPlotting().then(async (plotting) => {
    if (signal.aborted) return;
    const first = state.threshold;
    await plotting.newPlot(space, traces(view, points, painted()), layout(state.camera), {
      displayModeBar: false,
      responsive: true,
      showTips: false,
    });
    state.drawn = plotting;
    space.dataset.drawn = "";
    // a turn by hand is where the next turn by a button goes on from
    (space as unknown as { on(event: string, heard: (update: Record<string, Camera>) => void): void })
      .on("plotly_relayout", (update) => state.camera = update["scene.camera"] ?? state.camera);
    if (signal.aborted) plotting.purge(space);
    else if (state.threshold !== first) repaint();
  }).catch((error) => failed.replaceChildren(errorNote(`The 3-D view can't be shown: ${messageOf(error)}`)));

  const buttons = [
    button("Turn left", () => turn(-20, 0)),
    button("Turn right", () => turn(20, 0)),
    button("Tilt up", () => turn(0, 15)),
    button("Tilt down", () => turn(0, -15)),
    button("Nearer", () => turn(0, 0, 0.8)),
    button("Farther", () => turn(0, 0, 1.25)),
    button("Straight on", () => {
      state.camera = STRAIGHT;
      turn(0, 0);
    }),
  ];
  return {
    points,
    node: el(
      "div",
      {},
      space,
      failed,
      el("div", { class: "tools", role: "group", "aria-label": "Turn the 3-D view" }, ...buttons),
      el(
        "div",
        { class: "choices" },
        el("label", {}, onlyAbove, " colour only what is above the threshold"),
        view.points.missing && el("label", {}, missing, " show what is missing (blue)"),
      ),
    ),
    setThreshold(threshold) {
      state.threshold = threshold;
      repaint();
    },
  };
}

/** Points above the threshold once more, larger, so that they are seen among the others. */
function aboveTrace({ axes, scores }: DecodedPoints, { colours, above }: ReturnType<typeof colourPoints>) {
  const at = (values: ArrayLike<number>) => above.map((i) => values[i]);
  return {
    x: at(axes[0]),
    y: at(axes[1]),
    z: at(axes[2]),
    customdata: at(scores),
    color: above.map((i) => colours[i]),
  };
}

const HOVER = "x %{x:.1f}, y %{y:.1f}, z %{z:.1f} mm<br>";

function traces(view: ScanView, points: DecodedPoints, painted: ReturnType<typeof colourPoints>): object[] {
  const { axes: [x, y, z], scores } = points, { color, ...above } = aboveTrace(points, painted);
  const marks = view.found.regions.slice(0, view.marks.length).map(({ centreMm }) => centreMm);
  const lift = 3000 * view.points.stepMm; // towards the sensor, so that the number stands free of the surface
  return [
    {
      type: "scatter3d",
      mode: "markers",
      x,
      y,
      z,
      customdata: scores,
      marker: { size: 2.6, color: painted.colours, line: { width: 0 } },
      hovertemplate: `${HOVER}score %{customdata:.3~g}<extra></extra>`,
    },
    {
      type: "scatter3d",
      mode: "markers",
      ...above,
      marker: { size: 4.2, color, line: { width: 0 } },
      hovertemplate: `${HOVER}score %{customdata:.3~g}<extra></extra>`,
    },
    {
      type: "scatter3d",
      mode: "text",
      text: marks.map((_, i) => String(i + 1)),
      hoverinfo: "skip",
      x: marks.map((mark) => mark[0]),
      y: marks.map((mark) => mark[1]),
      z: marks.map((mark) => mark[2] - lift),
      textfont: { size: 16, color: "#fff" },
    },
    ...view.points.missing ? [missingTrace(view.points.missing, view.points)] : [],
  ];
}

function missingTrace(
  { count, positions, colours }: NonNullable<ScanView["points"]["missing"]>,
  { originMm, stepMm }: ScanView["points"],
): object {
  const [x, y, z] = decodePositions({ count, positions, originMm, stepMm });
  const parts = Uint8Array.fromBase64(colours);
  const color = Array.from({ length: count }, (_, i) => `rgb(${parts.subarray(3 * i, 3 * i + 3).join()})`);
  return {
    type: "scatter3d",
    mode: "markers",
    x,
    y,
    z,
    marker: { size: 3.6, symbol: "diamond", color, line: { width: 0 } },
    hovertemplate: `${HOVER}missing<extra></extra>`,
  };
}

/** Dark in both schemes, as the picture is, so that colours of scores look the same. */
function layout(camera: Camera): object {
  const axis = (title: string) => ({
    title: { text: `${title}, mm` },
    color: "#aab2bc",
    gridcolor: "#3a3f46",
    zerolinecolor: "#3a3f46",
    showspikes: false,
    nticks: 6,
  });
  return {
    paper_bgcolor: "#1b1d20",
    margin: { l: 0, r: 0, t: 0, b: 0 },
    showlegend: false,
    uirevision: "kept",
    hoverlabel: { font: { family: "system-ui, sans-serif" } },
    scene: { aspectmode: "data", xaxis: axis("x"), yaxis: axis("y"), zaxis: axis("z"), camera },
  };
}
