/** What scores, without a GPU: for tests of everything around it. @module */
import { RunAborted } from "../core/mod.ts";
import { writePng } from "../formats/mod.ts";
import type { ScanView } from "../report/mod.ts";
import type { Rendering, ScoreAnswer, Scorer, ScoreRequest, ScorerState } from "../server/scoring/scorer.ts";
import { sampleDocument } from "./sample_document.ts";
import { scanOf } from "../server/store/results.ts";

/** A scorer that does what its test says. */
export interface StubScorer extends Scorer {
  /** Scans that were asked for, in their order. */
  readonly asked: ScoreRequest[];
  /** Names of those that were scored, in their order. */
  readonly scored: string[];
  /** Awaited before each answer, so that a test can delay it, or throw what is to be thrown; undefined: at once. */
  before?: (request: ScoreRequest, signal: AbortSignal) => Promise<void> | void;
  /** Thrown where its state is asked for; undefined: it stands well. */
  stateError?: Error;
}

/** What the files of each kind hold, but for the view. */
export const stubFiles: Readonly<Record<Exclude<Rendering, "view">, string>> = {
  picture: "\x89PNG of a stub",
  map: "II*\0 of a stub",
  cloud: "ply of a stub",
};

/** A scorer that answers the sample document. */
export function stubScorer(): StubScorer {
  const asked: ScoreRequest[] = [], scored: string[] = [];
  const state: ScorerState = {
    adapter: { description: "a stub", software: true },
    gpuBytes: 1000,
    loaded: ["part"],
    restarts: 0,
    deviceLosses: 0,
  };
  return {
    asked,
    scored,
    async score(request, { signal, onStage }) {
      asked.push(request);
      onStage?.("score");
      await this.before?.(request, signal);
      if (signal.aborted) throw new RunAborted({ cause: signal.reason });
      scored.push(request.input);
      return answerTo(request);
    },
    forget: () => Promise.resolve(),
    drawn: () => Promise.resolve(),
    async state() {
      if (this.stateError) throw this.stateError;
      return await Promise.resolve(state);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** A scorer's work that ends when it is stopped, or was before it began: a {@linkcode StubScorer.before}. */
export const untilStopped = (_: ScoreRequest, signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener("abort", () => done());
  });

/** Gives a stub where a scorer is to be opened. */
export const opening = (scorer: StubScorer) => () => Promise.resolve(scorer);

function answerTo({ input, decision: { threshold }, renderings }: ScoreRequest): ScoreAnswer {
  const document = sampleDocument({
    input,
    ...(threshold === undefined ? {} : { threshold, thresholdOrigin: "given" }),
  });
  const files = { ...stubFiles, view: JSON.stringify(sampleView(scanOf(document))) };
  const drawn = renderings.map((kind) => [kind, new TextEncoder().encode(files[kind])]);
  return {
    document,
    stages: { read: 0.001, "own resolution": 0.002 },
    renderings: Promise.resolve({ renderings: Object.fromEntries(drawn), seconds: 0.003 }),
  };
}

/** A view of 2 × 1 pixels: a grey of 100 beside one of 200, red at half cover over the second. */
export function sampleView(found: ScanView["found"]): ScanView {
  const png = (channels: 1 | 4, ...values: number[]) =>
    writePng({ width: 2, height: 1, channels, values: Uint8Array.from(values) }).toBase64();
  return {
    schema: "uni3dad.view/1",
    found,
    scale: { max: 3, threshold: 1.5, colours: ["rgba(0, 0, 0, 0)", "rgba(255, 0, 0, 1)"] },
    mapThreshold: 1.5,
    pictures: { width: 2, height: 1, relief: png(1, 100, 200), heat: png(4, 0, 0, 0, 0, 255, 0, 0, 128) },
    points: { count: 0, positions: "", originMm: [0, 0, 0], stepMm: 1, scores: "", mostScore: 0, greys: "" },
    marks: [{ x: 1, y: 0 }],
    lacking: [],
  };
}
