/** What the page of a method with two branches has besides the others: switches of the maps, and the missing part in 3-D views. @module */

/** Which layers of a map the switches show; the heat of both branches unless told otherwise. */
export const branchStyle = `
.found th, .found td { padding-inline: .4rem; }
.key.missing { border-color: #9ed6ff; background: repeating-linear-gradient(135deg, #2f6fb5 0 4px, #cfeaff 4px 6px); }
.share-surface, .share-missing, .whole-shape { display: none; }
body:has(#map-surface:checked) .share-surface, body:has(#map-missing:checked) .share-missing, body:has(#map-whole:checked) .whole-shape { display: inline; }
body:has(#map-scan:checked) .heat, body:has(#map-whole:checked) .heat, body:has(#map-surface:checked) .heat, body:has(#map-missing:checked) .heat { display: none; }
body:has(#map-fused:checked) .part-filled, body:has(#map-surface:checked) .part-filled, body:has(#map-missing:checked) .part-filled { display: none; }
body:has(#missing-part:not(:checked)) .missing-part { display: none; }
`;

/** Makes the traces of a missing part, which the page's switch shows and hides. It uses `bytes` and `open` of the page's own script. */
export const branchScript = `
  const missingSwitch = document.getElementById("missing-part");
  const missingTraces = ({ count, positions, colours }, { originMm, stepMm }) => {
    const at = new DataView(bytes(positions).buffer), parts = bytes(colours);
    const [x, y, z] = [0, 1, 2].map((axis) =>
      Array.from({ length: count }, (_, i) => originMm[axis] + stepMm * at.getInt16(6 * i + 2 * axis, true)));
    const color = Array.from({ length: count }, (_, i) => "rgb(" + parts.slice(3 * i, 3 * i + 3).join() + ")");
    return [{
      type: "scatter3d", mode: "markers", name: "missing", x, y, z, visible: missingSwitch.checked,
      marker: { size: 4, symbol: "diamond", color, line: { width: 0 } },
      hovertemplate: "x %{x:.1f}, y %{y:.1f}, z %{z:.1f} mm<br>missing<extra></extra>",
    }];
  };
  missingSwitch?.addEventListener("change", () => {
    for (const button of open) {
      const space = document.getElementById(button.getAttribute("aria-controls"));
      const trace = space.data.findIndex(({ name }) => name === "missing");
      if (trace >= 0) window.Plotly.restyle(space, { visible: missingSwitch.checked }, trace);
    }
  });
`;
