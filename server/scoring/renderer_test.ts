import { equal, ok, rejects } from "node:assert/strict";
import type { ModelFacts, ScanFound } from "../../core/mod.ts";
import { openRenderer } from "./renderer.ts";
import type { RenderJob } from "./rendering_messages.ts";

/** A flat scan of 4 × 4 places, of which only the map is wanted. */
function flatJob(): RenderJob {
  const points = Float32Array.from({ length: 48 }, (_, i) => i % 3 === 2 ? 0.5 : i / 1000);
  const scan = { name: "flat", width: 4, height: 4, points, valid: new Uint8Array(16).fill(1) };
  const result = { score: 1 } as ScanFound;
  const detected = { scores: new Float32Array(16), labels: new Uint32Array(16), mapThreshold: null, result };
  const facts = { name: "flat", fingerprint: "0", method: "fpfh", preset: "default" } as ModelFacts;
  const scale = { max: 1, threshold: null };
  return { judged: { scan, detected }, found: result, facts, scale, renderings: ["map"] };
}

Deno.test("a scan that can't be drawn is an error of its own, and the next one is drawn", async () => {
  using renderer = openRenderer();
  const bad = renderer.render({ ...flatJob(), judged: undefined as never });
  const good = renderer.render(flatJob());
  await rejects(bad, TypeErrorAtWork);
  const { renderings, seconds } = await good;
  equal(Object.keys(renderings).join(), "map");
  ok(renderings.map!.length > 64 && seconds >= 0);
});

const TypeErrorAtWork = (error: unknown) => error instanceof Error && /judged|undefined/.test(error.message);

Deno.test("hasRoom() waits while three scans are not drawn", async () => {
  using renderer = openRenderer();
  await renderer.hasRoom();
  const order: string[] = [];
  const drawn = [1, 2, 3].map((number) => renderer.render(flatJob()).then(() => void order.push(`drawn ${number}`)));
  const room = renderer.hasRoom().then(() => void order.push("room"));
  await Promise.all([...drawn, room]);
  equal(order[0], "drawn 1");
  ok(order.indexOf("room") > 0, order.join());
});
