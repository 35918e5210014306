/** What the report does where a place of a map is asked for: it says why the place is marked. @module */

/**
 * Functions that need no page: `unpack` opens a packed table, `rowAt` finds the patch of a place, `wordsOf` says what is known of it.
 * Source text, so that the page can run it as it is.
 */
export const explainWordsScript = `
  const unpack = (packed, bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), { columns } = packed;
    return Array.from({ length: packed.count }, (_, row) => Object.fromEntries(columns.map(({ name, least, step }, c) =>
      [name, least + step * view.getUint16(2 * (row * columns.length + c), true)])));
  };
  const rowAt = (rows, x, y, reach) => {
    let nearest, least = reach * reach;
    for (const row of rows) {
      const square = (row.x - x) ** 2 + (row.y - y) ** 2;
      if (square <= least) [least, nearest] = [square, row];
    }
    return nearest;
  };
  const figure = (value) => String(Number(value.toPrecision(3)));
  const wordsOf = (row, { scans, channels }) => {
    const place = (of) => scans[row[of + ".scan"]] + " at " + row[of + ".x"] + ", " + row[of + ".y"];
    const lines = ["Score " + figure(row.score) + " at " + row.x + ", " + row.y + "; the patch alone " + figure(row.alone) +
      ", where 1 is what one normal patch in a hundred is above."];
    for (const { name, meaning, against, unit } of channels.toSorted((a, b) => row[b.name + ".z"] - row[a.name + ".z"])) {
      const value = row[name + ".value"], expected = row[name + ".expected"], z = row[name + ".z"];
      lines.push(name + ": " + (z <= 0
        ? "no more than the " + meaning + " that " + against
        : (expected > 0 ? (value / expected).toFixed(1) + " times" : "more than") + " the " + meaning + " that " + against) +
        (unit ? ", " + figure(value) + " " + unit : "") + " (" + z.toFixed(1) + " deviations).");
    }
    if (row["nearest.scan"] >= 0) {
      lines.push("Nearest patch of the memory bank: " + place("nearest") + ", at a distance of " + figure(row["nearest.distance"]) +
        "; usual to it " + figure(row["nearest.usual"]) + ".");
    }
    if (row["local.scan"] >= 0) lines.push("Nearest at the same place: " + place("local") + ".");
    return lines.join("\\n");
  };
`;

/** The page's part: a click, a touch, or focus and arrow keys on a map. It uses `data` and `bytes` of the page's own script. */
export const explainScript = `
  ${explainWordsScript}
  for (const picture of document.querySelectorAll(".picture[data-why]")) {
    const output = document.getElementById(picture.getAttribute("aria-describedby"));
    const mark = picture.querySelector(".why-mark"), box = picture.viewBox.baseVal;
    let packed, rows, place;
    const tell = (x, y) => {
      place = [Math.min(packed.width - 1, Math.max(0, x)), Math.min(packed.height - 1, Math.max(0, y))];
      const [column, line] = place.map(Math.round), row = rowAt(rows, column, line, packed.reach);
      output.textContent = row ? wordsOf(row, packed) : "Nothing of the part is at " + column + ", " + line + ".";
      const at = [(place[0] + 0.5) * box.width / packed.width, (place[1] + 0.5) * box.height / packed.height];
      mark.setAttribute("transform", "translate(" + at + ")");
      mark.removeAttribute("visibility");
    };
    const open = () => {
      packed ??= data(picture.dataset.why);
      rows ??= unpack(packed, bytes(packed.table));
    };
    const highest = () => rows.reduce((most, row) => row.score > most.score ? row : most, rows[0]);
    picture.addEventListener("click", ({ clientX, clientY }) => {
      open();
      const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(picture.getScreenCTM().inverse());
      tell(x * packed.width / box.width - 0.5, y * packed.height / box.height - 0.5);
    });
    picture.addEventListener("focus", () => {
      if (place || !picture.matches(":focus-visible")) return;
      open();
      if (rows.length > 0) tell(highest().x, highest().y);
    });
    picture.addEventListener("keydown", (event) => {
      const [right, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
      if (right === undefined || !place) return;
      event.preventDefault();
      const step = Math.max(packed.width, packed.height) / 80;
      tell(place[0] + right * step, place[1] + down * step);
    });
  }
`;
