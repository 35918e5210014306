import { deepEqual, equal, match, ok } from "node:assert/strict";
import { serverMetrics } from "./metrics.ts";
import type { ScorerState } from "./scoring/scorer.ts";

const state: ScorerState = {
  adapter: { description: "a stub", software: true },
  gpuBytes: 1234,
  loaded: ["a", "b"],
  restarts: 1,
  deviceLosses: 2,
};
const queue = { waiting: { now: 3, later: 4 }, busy: true } as Parameters<ReturnType<typeof serverMetrics>["text"]>[1];

/** Samples of Prometheus' text form by `name{label="value"}`, read by its grammar; types by name. */
function parse(text: string) {
  const samples = new Map<string, number>(), types = new Map<string, string>();
  for (const line of text.split("\n").filter((line) => line !== "")) {
    const type = /^# TYPE (\w+) (counter|gauge|histogram)$/.exec(line);
    if (type) types.set(type[1], type[2]);
    if (line.startsWith("#")) {
      match(line, /^# (HELP \w+ \S|TYPE )/);
      continue;
    }
    const sample = /^(\w+(?:\{(?:\w+="(?:[^"\\\n]|\\["\\n])*",?)+\})?) (\S+)$/.exec(line);
    ok(sample, line);
    ok(!samples.has(sample[1]), `${sample[1]} twice`);
    samples.set(sample[1], Number(sample[2].replace("+Inf", "Infinity")));
  }
  return { samples, types };
}

Deno.test("metrics are Prometheus' text form, each with help and type", async () => {
  const metrics = serverMetrics(), text = await metrics.text(state, queue);
  match(metrics.type, /^text\/plain; version=0\.0\.4/);
  const { samples, types } = parse(text);
  deepEqual([...text.matchAll(/^# HELP (\w+)/gm)].map(([, name]) => name), [...types.keys()]);
  for (
    const [name, value] of Object.entries({
      'uni3dad_queue_depth{urgency="now"}': 3,
      'uni3dad_queue_depth{urgency="later"}': 4,
      uni3dad_queue_busy: 1,
      uni3dad_gpu_memory_bytes: 1234,
      uni3dad_models_loaded: 2,
      uni3dad_scorer_restarts: 1,
      uni3dad_device_losses: 2,
    })
  ) equal(samples.get(name), value, name);
  ok(samples.get("uni3dad_resident_memory_bytes")! > 1e6);
});

Deno.test("metrics count requests, scans, stages and failures by their labels", async () => {
  const metrics = serverMetrics(), other = serverMetrics();
  metrics.answered("GET", "/v1/models/:model", 200, 0.02);
  metrics.answered("GET", "/v1/models/:model", 200, 0.04);
  metrics.answered("GET", "/v1/models/:model", 404, 100);
  metrics.scored("cable", "anomalous", { read: 0.5, score: 1.5 });
  metrics.scored("cable", "anomalous", { read: 0.25 });
  metrics.failed('quo"ted\\code\n');
  const { samples } = parse(await metrics.text(state, queue));
  const route = 'method="GET",route="/v1/models/:model"';
  equal(samples.get(`uni3dad_request_seconds_count{${route},status="200"}`), 2);
  equal(samples.get(`uni3dad_request_seconds_bucket{le="0.025",${route},status="200"}`), 1);
  equal(samples.get(`uni3dad_request_seconds_bucket{le="60",${route},status="404"}`), 0);
  equal(samples.get(`uni3dad_request_seconds_bucket{le="+Inf",${route},status="404"}`), 1);
  equal(samples.get('uni3dad_scans_total{model="cable",decision="anomalous"}'), 2);
  equal(samples.get('uni3dad_stage_seconds_sum{stage="read"}'), 0.75);
  equal(samples.get('uni3dad_failures_total{code="quo\\"ted\\\\code\\n"}'), 1);
  ok(!(await other.text(state, queue)).includes("cable"), "two servers share no counts");
});
