/** Many clients at once: autocannon, and whether every one of its requests got one answer, its own. @module */
import { Buffer } from "node:buffer";
import autocannon from "autocannon";
import type { ServerProcess } from "./server_process.ts";

/** A load that is wanted. */
export interface LoadWanted {
  /** Model's name. */
  readonly model: string;
  /** Scans' files, sent in turn. */
  readonly scans: readonly Uint8Array[];
  /** Clients that each send the next scan when they have their answer. */
  readonly clients: number;
  /** Requests of all together. */
  readonly requests: number;
  /** Tells this load's inputs in the history from those of others. */
  readonly label: string;
}

/** What came of it. */
export interface LoadResult {
  /** Answers, whatever their status. */
  readonly answers: number;
  /** Of them, without 200 and 429. */
  readonly failed: number;
  /** Of them, with 429. */
  readonly turnedAway: number;
  /** Requests without an answer: cut off or timed out. */
  readonly unanswered: number;
  /** Seconds that it took. */
  readonly seconds: number;
  /** Milliseconds of the answers with 200. */
  readonly latencies: readonly number[];
  /** Sentences of what was lost, doubled or another's; empty where all is well. */
  readonly faults: readonly string[];
}

/** What is used of autocannon, which brings no types. */
interface Attack extends PromiseLike<{ readonly errors: number; readonly duration: number }> {
  on(event: "response", hear: (client: unknown, status: number, bytes: number, milliseconds: number) => void): void;
}

interface Sent {
  input?: string;
}

interface AttackRequest {
  readonly method: string;
  readonly setupRequest: (request: object, context: Sent) => object;
  readonly onResponse: (status: number, body: string, context: Sent) => void;
}

type Fire = (options: {
  readonly url: string;
  readonly connections: number;
  readonly amount: number;
  readonly timeout: number;
  readonly requests: readonly AttackRequest[];
}) => Attack;

/** Seconds until a client gives an answer up: longer than the server's own limit, so that this is the server's to say. */
const GIVE_UP = 600;

/** Sends the requests and looks through the answers and the history. */
export async function load({ url, results }: ServerProcess, wanted: LoadWanted): Promise<LoadResult> {
  const { model, scans, clients, requests, label } = wanted;
  const bodies = scans.map((bytes) => Buffer.from(bytes)), ids = new Map<string, string>(), faults: string[] = [];
  let sent = 0, failed = 0, turnedAway = 0, answers = 0;
  const request: AttackRequest = {
    method: "POST",
    setupRequest: (request, context) => {
      const number = sent++;
      context.input = `${label}-${number}.tiff`;
      return {
        ...request,
        path: `/v1/models/${model}/score?name=${context.input}`,
        headers: { "Content-Type": "image/tiff" },
        body: bodies[number % bodies.length],
      };
    },
    onResponse: (status, body, { input }) => {
      answers++;
      if (status === 429) turnedAway++;
      else if (status !== 200) failed++;
      else {
        const [scan] = JSON.parse(body).scans, id: string = scan.files.result.split("/").at(-1);
        if (scan.input !== input) faults.push(`${input} got the answer to ${scan.input}`);
        if (ids.has(id)) faults.push(`${input} and ${ids.get(id)} got the same result ${id}`);
        ids.set(id, scan.input);
      }
    },
  };
  const fire: Fire = autocannon, latencies: number[] = [];
  const attack = fire({ url, connections: clients, amount: requests, timeout: GIVE_UP, requests: [request] });
  attack.on("response", (_client, status, _bytes, milliseconds) => {
    if (status === 200) latencies.push(milliseconds);
  });
  const { errors, duration: seconds } = await attack;
  const kept = await results(`${label}-`);
  if (kept.length !== ids.size) faults.push(`${ids.size} answers, and ${kept.length} results in the history`);
  for (const { id, input } of kept) {
    if (ids.get(id) !== input) faults.push(`result ${id} of ${input} was answered to ${ids.get(id) ?? "nobody"}`);
  }
  return { answers, failed, turnedAway, unanswered: errors, seconds, latencies, faults };
}
