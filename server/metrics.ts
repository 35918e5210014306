/** What Prometheus is told. @module */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { ScorerState } from "./scoring/scorer.ts";
import type { ScoringQueue } from "./scoring_queue.ts";

/** Counts and times of one server. */
export interface Metrics {
  /** A request was answered. */
  answered(method: string, route: string, status: number, seconds: number): void;
  /** A scan was scored; seconds by stage. */
  scored(model: string, decision: string, stages: Readonly<Record<string, number>>): void;
  /** Something failed, by its error's code. */
  failed(code: string): void;
  /** All of it in Prometheus' text form. */
  text(state: ScorerState, queue: ScoringQueue): Promise<string>;
  /** Content type of that text. */
  readonly type: string;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Metrics of their own, so that two servers in one process don't share any. */
export function serverMetrics(): Metrics {
  const registers = [new Registry()], [registry] = registers;
  const requests = new Histogram({
    name: "uni3dad_request_seconds",
    help: "Answered requests by route and status",
    labelNames: ["method", "route", "status"],
    buckets: SECONDS,
    registers,
  });
  const stages = new Histogram({
    name: "uni3dad_stage_seconds",
    help: "Work on scans by stage",
    labelNames: ["stage"],
    buckets: SECONDS,
    registers,
  });
  const scans = new Counter({
    name: "uni3dad_scans_total",
    help: "Scored scans by model and decision",
    labelNames: ["model", "decision"],
    registers,
  });
  const failures = new Counter({
    name: "uni3dad_failures_total",
    help: "Errors by their code",
    labelNames: ["code"],
    registers,
  });
  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name, help, labelNames: [...labelNames], registers });
  const depth = gauge("uni3dad_queue_depth", "Scans that wait for the GPU", ["urgency"]);
  const busy = gauge("uni3dad_queue_busy", "1 while a scan is being worked on");
  const gpuBytes = gauge("uni3dad_gpu_memory_bytes", "Memory that buffers on the GPU take");
  const loaded = gauge("uni3dad_models_loaded", "Models on the GPU");
  const restarts = gauge("uni3dad_scorer_restarts", "How often the scoring worker was started again");
  const losses = gauge("uni3dad_device_losses", "How often the GPU was lost");
  const resident = gauge("uni3dad_resident_memory_bytes", "Memory of the process");
  return {
    answered: (method, route, status, seconds) => requests.observe({ method, route, status: String(status) }, seconds),
    scored: (model, decision, byStage) => {
      scans.inc({ model, decision });
      for (const [stage, seconds] of Object.entries(byStage)) stages.observe({ stage }, seconds);
    },
    failed: (code) => failures.inc({ code }),
    type: registry.contentType,
    text: (state, queue) => {
      for (const urgency of ["now", "later"] as const) depth.set({ urgency }, queue.waiting[urgency]);
      busy.set(Number(queue.busy));
      gpuBytes.set(state.gpuBytes);
      loaded.set(state.loaded.length);
      restarts.set(state.restarts);
      losses.set(state.deviceLosses);
      resident.set(Deno.memoryUsage().rss);
      return registry.metrics();
    },
  };
}
