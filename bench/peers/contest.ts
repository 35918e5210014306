/** Both sides in turn on the same inputs, in one run. @module */
import { median } from "../timed.ts";
import type { Peer, PeerTask } from "./peer_process.ts";

/** What one row of the comparison is made of. */
export interface Contest {
  readonly name: string;
  /** The ratio that is aimed at; null where none is. */
  readonly target: number | null;
  readonly repetitions: number;
  /** The peer's seconds are multiplied by this: above 1 where it does only a part of the work. */
  readonly peerFactor: number;
  /** False where ours gives another result by design; else a difference is told. */
  readonly isSameWork?: boolean;
  /** What the peer does once before, uncounted; the first repetition's task unless said. */
  readonly warmUp?: PeerTask;
  /** Repetition `i`. Ours is timed; what it gives is called after it for the same number of the result as the peer answers, so that
   * both are known to have done the same. */
  round(i: number): { ours(): Promise<() => number | Promise<number>>; readonly task: PeerTask };
}

/** One row; seconds, medians. */
export interface Row {
  readonly name: string;
  readonly ours: number;
  readonly peer: number;
  /** peer / ours. */
  readonly ratio: number;
  readonly target: number | null;
  /** Medians of the number that each side gives of its result. */
  readonly results: { readonly ours: number; readonly peer: number };
}

/** Relative difference of the two results above which a warning is printed. */
const AGREEMENT = 0.02;

/** Between the sides: idle threads of the one stop spinning before the other begins. */
const PAUSE_MS = 50;

/** Runs one contest; undefined, with the reason on stderr, where the peer cannot. */
export async function compete(contest: Contest, peer: Peer): Promise<Row | undefined> {
  const { name, target, repetitions, peerFactor, round, isSameWork = true } = contest;
  const ours: number[] = [], theirs: number[] = [], results: { ours: number; peer: number }[] = [];
  for (let i = -1; i < repetitions; i++) { // the first time is not counted: pipelines and caches are made
    const { ours: work, task } = round(Math.max(i, 0));
    const start = performance.now();
    const value = await work();
    const seconds = (performance.now() - start) / 1000;
    const result = await value();
    await pause();
    const answer = await peer.ask(i < 0 ? contest.warmUp ?? task : task);
    await pause();
    if ("absent" in answer) {
      console.error(`left out: ${name}: ${answer.absent}`);
      return undefined;
    }
    if (i < 0) continue;
    if (isSameWork && Math.abs(result - answer.value) > AGREEMENT * Math.abs(answer.value)) {
      console.error(`warning: ${name}: the results differ: ours ${result}, the peer's ${answer.value}`);
    }
    results.push({ ours: result, peer: answer.value });
    ours.push(seconds);
    theirs.push(answer.seconds * peerFactor);
  }
  const row = {
    name,
    ours: median(ours),
    peer: median(theirs),
    ratio: median(theirs) / median(ours),
    target,
    results: { ours: median(results.map(({ ours }) => ours)), peer: median(results.map(({ peer }) => peer)) },
  };
  const list = (seconds: number[]) => seconds.map((s) => s.toPrecision(3)).join(" ");
  console.error(`${name}: ours ${list(ours)} s, the peer ${list(theirs)} s`);
  return row;
}

const pause = () => new Promise((done) => setTimeout(done, PAUSE_MS));
