import { deepEqual, equal } from "node:assert/strict";
import type { ScanFound } from "../core/mod.ts";
import { colourScale } from "./colour_scale.ts";
import type { ReportScan } from "./report_scan.ts";
import { scanView } from "./scan_view.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

const reported: ReportScan = {
  found: { input: "a", score: 2, decision: "anomalous", regions: [] } as unknown as ScanFound,
  pictures: {
    width: 4,
    height: 3,
    relief: bytes(1),
    heat: bytes(2),
    missing: bytes(3),
    branches: {
      square: { x: 0, y: -1, width: 4, height: 4 },
      surface: bytes(4),
      missing: bytes(5),
      whole: bytes(6),
      partColours: bytes(7, 7, 7),
    },
  },
  points: {
    count: 1,
    positions: bytes(1, 0, 2, 0, 3, 0),
    originMm: [1, 2, 3],
    stepMm: 0.5,
    scores: bytes(255, 255),
    mostScore: 2,
    greys: bytes(128),
    missing: { count: 1, positions: bytes(9, 0, 9, 0, 9, 0), colours: bytes(1, 2, 3) },
  },
  marks: [{ x: 1, y: 2 }],
  lacking: [1],
};

Deno.test("scanView() is JSON that says what the report's scan says, its bytes in base64", () => {
  const view = scanView(reported, colourScale({ max: 4, threshold: 1 }), 1.5);
  deepEqual(JSON.parse(JSON.stringify(view)), view);
  const { scale: { colours, ...scale }, ...rest } = view;
  deepEqual(scale, { max: 4, threshold: 1 });
  equal(colours.length, 65);
  deepEqual([colours[0], colours[64]], ["rgba(42, 34, 118, 0.0000)", "rgba(254, 228, 88, 0.8800)"]);
  deepEqual(rest, {
    schema: "uni3dad.view/1",
    found: reported.found,
    mapThreshold: 1.5,
    pictures: {
      width: 4,
      height: 3,
      relief: "AQ==",
      heat: "Ag==",
      missing: "Aw==",
      branches: {
        square: { x: 0, y: -1, width: 4, height: 4 },
        surface: "BA==",
        missing: "BQ==",
        whole: "Bg==",
      },
    },
    points: {
      count: 1,
      positions: "AQACAAMA",
      originMm: [1, 2, 3],
      stepMm: 0.5,
      scores: "//8=",
      mostScore: 2,
      greys: "gA==",
      missing: { count: 1, positions: "CQAJAAkA", colours: "AQID" },
    },
    marks: [{ x: 1, y: 2 }],
    lacking: [1],
  });
});
