import plotly from "plotly" with { type: "text" };
import { colourScale, detectCsv, detectTable, evaluateTable, heatMapPng, picturePng, reportHtml, reportScan } from "/work/main/report/mod.ts";
import { readMask, readTiff } from "/work/main/formats/mod.ts";
import { findRegions } from "/work/main/core/mod.ts";
const root = "/work/shared/data/mvtec3d/cable_gland/test";
const scale = colourScale({ max: 2, threshold: 1 });
const scans: any[] = [], pics: any[] = [];
let seed = 1; const rand = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
const t0 = performance.now();
for (const defect of ["good", "bent", "cut", "hole", "thread"]) {
  const names = [...Deno.readDirSync(`${root}/${defect}/xyz`)].map((e) => e.name).sort().slice(0, 6);
  for (const n of names) {
    const tiff = await readTiff(Deno.readFileSync(`${root}/${defect}/xyz/${n}`));
    const points = tiff.values as Float32Array, { width, height } = tiff;
    const valid = new Uint8Array(width * height);
    for (let i = 0; i < valid.length; i++) valid[i] = points[3 * i + 2] !== 0 ? 1 : 0;
    const gtPath = `${root}/${defect}/gt/${n.replace(".tiff", ".png")}`;
    let truth: any; try { truth = await readMask(Deno.readFileSync(gtPath)); } catch { truth = undefined; }
    const scores = new Float32Array(width * height);
    // part: in front of table by > 3 mm
    const zs = Float32Array.from(points.filter((_, i) => i % 3 === 2 && points[i] !== 0)).sort();
    const table = zs[Math.floor(zs.length * 0.75)];
    for (let r = 0; r < height; r++) for (let c = 0; c < width; c++) {
      const i = r * width + c;
      if (!valid[i] || points[3 * i + 2] > table - 0.004) continue;
      scores[i] = 0.25 + 0.15 * Math.sin(r / 9) * Math.cos(c / 13);
    }
    if (truth) { let k = 0, mr = 0, mc = 0; truth.values.forEach((v: number, i: number) => { if (v) { k++; mr += Math.floor(i / width); mc += i % width; } });
      if (k) { mr /= k; mc /= k; const s = Math.sqrt(k) * 0.7, a = 0.8 + 1.6 * rand();
        for (let i = 0; i < scores.length; i++) { const d = ((Math.floor(i / width) - mr) ** 2 + (i % width - mc) ** 2) / (2 * s * s); scores[i] += a * Math.exp(-d); } } }
    const scan = { name: `${defect}/${n}`, width, height, points, valid, truth };
    const { regions } = findRegions(scan, scores, 1, "feature");
    const score = scores.reduce((a, b) => Math.max(a, b), 0) + (defect === "good" ? rand() * 0.9 : 0);
    const found = { input: `cable_gland/test/${defect}/${n}`, score, pValue: score > 1 ? 0.03 : 0.4, threshold: 1.02, thresholdOrigin: "95 % of 60 held-out normal scans (cross, 5 folds)",
      decision: score > 1.02 ? "anomalous" : "normal", regions, files: { map: `maps/${defect}/a b.tiff`, picture: "pictures/x.png", cloud: "clouds/x.ply" }, seconds: 1.2 + rand(), truth: defect } as any;
    scans.push(found);
    pics.push(reportScan({ found, scan, scores, scale, mapThreshold: 1 }));
    if (n === names[0] && defect === "bent") { Deno.writeFileSync("/tmp/heat.png", heatMapPng({ scan, scores, scale, threshold: 1, truth })); Deno.writeFileSync("/tmp/pic.png", picturePng(scan)); }
  }
}
console.log("reportScan ms each", (performance.now() - t0) / pics.length);
scans.push({ input: "cable_gland/test/bent/<img src=x onerror=alert(1)>.tiff", error: { code: "malformed-file", message: "Cannot read tiff at byte 12: the directory lies outside the file" } });
const detect: any = { schema: "uni3dad.detect/1", adapter: { description: "llvmpipe (LLVM 19.1.7, 256 bits)", software: true },
  model: { name: "cable_gland", method: "fpfh", preset: "default", version: "0.1.0", trainScans: 223, fingerprint: "8f".repeat(32), facts: { bankRows: 17483, columns: 33 }, calibration: { kind: "cross", scans: 60, reachableAlpha: 1 / 61 } }, scans };
const fpr = Array.from({ length: 200 }, (_, i) => 0.3 * (i / 199) ** 2), pro = fpr.map((f) => 1 - Math.exp(-f * 40));
const ap = { exact: { "0.3": .961, "0.1": .9, "0.05": .86, "0.01": .729 }, official: { "0.3": .96 } };
const byDefect = Object.fromEntries(["bent", "cut", "hole", "thread"].map((d) => [d, { scans: 6, auPro: ap, pixelAuroc: .98, scanAuroc: .93 }]));
const evaluate: any = { category: "cable_gland", method: "fpfh", preset: "default", options: {}, trainScans: 223, testScans: 30, bankRows: 17483, auPro: ap, pixelAuroc: .99, scanAuroc: .927, byDefect, ownResolution: { auPro: ap, pixelAuroc: .988 }, curve: { fpr, pro }, seconds: { fit: 81.2, perScan: { median: 1.4, p95: 1.9 }, stages: { read: .02, prepare: .4, features: .5 } }, peakMemoryBytes: 3e8, audit: { findings: ["something odd"] } };
const calibration: any = { kind: "cross", folds: 5, names: [], scores: Array.from({ length: 60 }, () => 0.4 + 0.45 * (rand() + rand()) / 1.5) };
const html = reportHtml({ detect, evaluate, scans: pics, scale, calibration, seed: 7, plotly });
Deno.writeTextFileSync("/tmp/report.html", html);
Deno.writeTextFileSync("/tmp/report_open.html", html.replace("</body>", `<script>setTimeout(()=>{const b=[...document.querySelectorAll('.open-view')][7];b.click();const k=b.closest('.card');for(const e of [...k.parentElement.children])if(e!==k&&!e.querySelector('.halves')&&!e.classList.contains('halves'))e.remove();},100);window.addEventListener('error',e=>document.body.prepend(e.message));</script></body>`));
console.log("html MB", html.length / 1e6, pics.length);
for (const p of pics.slice(5, 9)) console.log(p.found.input, p.pictures.relief.length, p.pictures.heat.length, p.pictures.regions?.length, p.pictures.truth?.length, p.points.count, p.marks.length);
console.log(detectTable(detect)); console.log(evaluateTable({ schema: "uni3dad.evaluate/1", adapter: detect.adapter, runs: [evaluate, { ...evaluate, category: "bagel" }], refused: [] }));
console.log(detectCsv(detect).split("\n").slice(-4).join("\n"));
{ const { pictureGrid } = await import("/work/main/report/picture_grid.ts"), { relief } = await import("/work/main/report/relief.ts"), { samplePoints } = await import("/work/main/report/point_sample.ts");
  const { heatLayer, outlineLayers } = await import("/work/main/report/heat_map.ts"), { writePng } = await import("/work/main/formats/mod.ts");
  const tiff = await readTiff(Deno.readFileSync(`${root}/bent/xyz/005.tiff`)); const points = tiff.values as Float32Array, { width, height } = tiff; const valid = Uint8Array.from({length: width*height}, (_, i) => points[3*i+2] ? 1 : 0);
  const scan: any = { name: "", width, height, points, valid }, scores = new Float32Array(width*height).fill(.5);
  const time = (n: string, f: () => any) => { for (let k = 0; k < 3; k++) f(); const t = performance.now(); for (let k = 0; k < 5; k++) f(); console.log("T", n, (performance.now() - t) / 5); return f(); };
  const g = time("grid", () => pictureGrid(scan)); const r = time("relief", () => relief(scan, g)); time("png", () => writePng({ width, height, channels: 1, values: r }));
  const h = time("heat", () => heatLayer({ scan, scores, scale, threshold: .4 }, g)); time("png4", () => writePng({ width, height, channels: 4, values: h })); time("outline", () => outlineLayers({ scan, scores, scale, threshold: .4, truth: undefined }, g)); time("sample", () => samplePoints(scan, scores, 8000)); 
  const found: any = { regions: [] }; time("reportScan", () => reportScan({ found, scan, scores, scale, mapThreshold: 1 })); time("heatMapPng", () => heatMapPng({ scan, scores, scale, threshold: 1 })); }
