/** The page's files, ready to be sent. Browser code is TypeScript whose types are taken out; nothing is bundled. @module */
import { createHash } from "node:crypto";
import { stripTypeScriptTypes } from "node:module";
import plotly from "plotly" with { type: "text" };
import api from "./browser/api.ts" with { type: "text" };
import app from "./browser/app.ts" with { type: "text" };
import badge from "./browser/badge.ts" with { type: "text" };
import cameraTurn from "./browser/camera_turn.ts" with { type: "text" };
import chartDrawing from "./browser/chart_drawing.ts" with { type: "text" };
import cloudView from "./browser/cloud_view.ts" with { type: "text" };
import colourScheme from "./browser/colour_scheme.ts" with { type: "text" };
import decisionPanel from "./browser/decision_panel.ts" with { type: "text" };
import decodePoints from "./browser/decode_points.ts" with { type: "text" };
import dom from "./browser/dom.ts" with { type: "text" };
import drift from "./browser/drift.ts" with { type: "text" };
import drops from "./browser/drops.ts" with { type: "text" };
import eventStream from "./browser/event_stream.ts" with { type: "text" };
import figures from "./browser/figures.ts" with { type: "text" };
import fileExchange from "./browser/file_exchange.ts" with { type: "text" };
import heatSteps from "./browser/heat_steps.ts" with { type: "text" };
import historyView from "./browser/history_view.ts" with { type: "text" };
import inspectView from "./browser/inspect_view.ts" with { type: "text" };
import jobView from "./browser/job_view.ts" with { type: "text" };
import keyDialog from "./browser/key_dialog.ts" with { type: "text" };
import main from "./browser/main.ts" with { type: "text" };
import mapView from "./browser/map_view.ts" with { type: "text" };
import plotting from "./browser/plotting.ts" with { type: "text" };
import recolour from "./browser/recolour.ts" with { type: "text" };
import resultTable from "./browser/result_table.ts" with { type: "text" };
import resultView from "./browser/result_view.ts" with { type: "text" };
import route from "./browser/route.ts" with { type: "text" };
import scoreChart from "./browser/score_chart.ts" with { type: "text" };
import thresholdSlider from "./browser/threshold_slider.ts" with { type: "text" };
import ticks from "./browser/ticks.ts" with { type: "text" };
import verdictForm from "./browser/verdict_form.ts" with { type: "text" };
import icon from "./icon.svg" with { type: "text" };
import style from "./page.css" with { type: "text" };

/** A file of the page. */
export interface PageFile {
  /** Its content type. */
  readonly type: string;
  /** Changes with its content. */
  readonly etag: string;
  /** What is sent. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Browser code by its file's name, which its imports name too. */
const scripts: Readonly<Record<string, string>> = {
  "api.ts": api,
  "app.ts": app,
  "badge.ts": badge,
  "camera_turn.ts": cameraTurn,
  "chart_drawing.ts": chartDrawing,
  "cloud_view.ts": cloudView,
  "colour_scheme.ts": colourScheme,
  "decision_panel.ts": decisionPanel,
  "decode_points.ts": decodePoints,
  "dom.ts": dom,
  "drift.ts": drift,
  "drops.ts": drops,
  "event_stream.ts": eventStream,
  "figures.ts": figures,
  "file_exchange.ts": fileExchange,
  "heat_steps.ts": heatSteps,
  "history_view.ts": historyView,
  "inspect_view.ts": inspectView,
  "job_view.ts": jobView,
  "key_dialog.ts": keyDialog,
  "main.ts": main,
  "map_view.ts": mapView,
  "plotting.ts": plotting,
  "recolour.ts": recolour,
  "result_table.ts": resultTable,
  "result_view.ts": resultView,
  "route.ts": route,
  "score_chart.ts": scoreChart,
  "threshold_slider.ts": thresholdSlider,
  "ticks.ts": ticks,
  "verdict_form.ts": verdictForm,
};

/** All files by their path below `/page/`. */
export function pageFiles(): ReadonlyMap<string, PageFile> {
  const script = "text/javascript; charset=utf-8";
  return new Map([
    ["page.css", pageFile("text/css; charset=utf-8", style)],
    ["icon.svg", pageFile("image/svg+xml", icon)],
    ["plotly.js", pageFile(script, plotly)],
    ...Object.entries(scripts).map(([name, source]) =>
      [`browser/${name}`, pageFile(script, stripTypeScriptTypes(source))] as const
    ),
  ]);
}

function pageFile(type: string, text: string): PageFile {
  const bytes = new TextEncoder().encode(text);
  return { type, bytes, etag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 27)}"` };
}
