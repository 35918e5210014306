/** What the report does where scripts run: sorting, explanations, and the 3-D views. @module */
import { branchScript } from "./page_branches.ts";
import { explainScript } from "./page_explain_script.ts";

/**
 * The page's own script. The plotting library lies in the page as data and is run when the first view is opened, so that the report
 * opens at once; a browser draws only so many views at a time, so the oldest is closed. With `branches` views have missing parts.
 */
export const pageScript = ({ branches }: { readonly branches: boolean }): string => `
(() => {
  "use strict";
  document.documentElement.classList.add("scripts");
  const data = (id) => JSON.parse(document.getElementById(id).textContent);

  for (const button of document.querySelectorAll("#scans th button")) {
    button.addEventListener("click", () => {
      const head = button.closest("th"), body = head.closest("table").tBodies[0];
      const direction = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
      const value = (row) => row.cells[head.cellIndex]?.dataset.value ?? "";
      const numbers = head.classList.contains("number");
      const rows = [...body.rows].sort((a, b) => {
        const [left, right] = [value(a), value(b)];
        if (left === "" || right === "") return (left === "") - (right === "");
        return direction * (numbers ? left - right : left.localeCompare(right, undefined, { numeric: true }));
      });
      body.append(...rows);
    });
  }

  const MOST_OPEN = 6;
  const open = [];
  const library = () => {
    if (!window.Plotly) {
      const script = document.createElement("script");
      script.textContent = data("plotting-library");
      document.head.append(script);
    }
    return window.Plotly;
  };
  const bytes = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const close = (button) => {
    const space = document.getElementById(button.getAttribute("aria-controls"));
    window.Plotly?.purge(space);
    space.hidden = true;
    button.textContent = "Open 3-D view";
    button.setAttribute("aria-expanded", "false");
    open.splice(open.indexOf(button), 1);
  };

${branches ? branchScript : ""}  const show = (button) => {
    const space = document.getElementById(button.getAttribute("aria-controls"));
    const { count, positions, originMm, stepMm, scores, mostScore, greys, marks${
  branches ? ", missing" : ""
} } = data(button.dataset.points);
    const { max, colours } = data("colour-scale");
    const at = new DataView(bytes(positions).buffer), scored = new DataView(bytes(scores).buffer), grey = bytes(greys);
    const axes = [0, 1, 2].map((axis) =>
      Array.from({ length: count }, (_, i) => originMm[axis] + stepMm * at.getInt16(6 * i + 2 * axis, true)));
    const score = Array.from({ length: count }, (_, i) => mostScore * scored.getUint16(2 * i, true) / 65535);
    const colour = score.map((value, i) => {
      const [red, green, blue, cover] = colours[Math.round((colours.length - 1) * Math.min(1, Math.max(0, value / max)))];
      const mixed = (part) => Math.round(grey[i] + (part - grey[i]) * cover);
      return "rgb(" + mixed(red) + "," + mixed(green) + "," + mixed(blue) + ")";
    });
    const axis = (title) => ({
      title: { text: title + ", mm" }, color: "#aab2bc", gridcolor: "#3a3f46", zerolinecolor: "#3a3f46", showspikes: false,
    });
    space.hidden = false;
    button.textContent = "Close 3-D view";
    button.setAttribute("aria-expanded", "true");
    open.push(button);
    if (open.length > MOST_OPEN) close(open[0]);
    library().newPlot(space, [
      {
        type: "scatter3d", mode: "markers", x: axes[0], y: axes[1], z: axes[2], customdata: score,
        marker: { size: 3, color: colour, line: { width: 0 } },
        hovertemplate: "x %{x:.1f}, y %{y:.1f}, z %{z:.1f} mm<br>score %{customdata:.3~g}<extra></extra>",
      },
      {
        type: "scatter3d", mode: "text", text: marks.map((_, i) => String(i + 1)), hoverinfo: "skip",
        x: marks.map((mark) => mark[0]), y: marks.map((mark) => mark[1]), z: marks.map((mark) => mark[2] - ${
  branches ? 3000 : 600
} * stepMm),
        textfont: { size: 15, color: "#fff" },
      },${branches ? " ...missing ? missingTraces(missing, { originMm, stepMm }) : []," : ""}
    ], {
      paper_bgcolor: "#1b1d20", margin: { l: 0, r: 0, t: 0, b: 0 }, showlegend: false, uirevision: "kept",
      hoverlabel: { font: { family: "system-ui, sans-serif" } },
      scene: {
        aspectmode: "data", xaxis: axis("x"), yaxis: axis("y"), zaxis: axis("z"),
        camera: { eye: { x: 0.3, y: -0.7, z: -1.6 }, up: { x: 0, y: -1, z: 0 }, center: { x: 0, y: 0, z: 0 } },
      },
    }, { displaylogo: false, responsive: true, showSendToCloud: false, plotlyServerURL: "" });
  };

${explainScript}
  for (const button of document.querySelectorAll(".open-view")) {
    button.addEventListener("click", () => open.includes(button) ? close(button) : show(button));
  }
})();
`;
