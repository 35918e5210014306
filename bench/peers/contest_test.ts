/** @module */
import { deepEqual, equal, ok } from "node:assert/strict";
import { compete, type Contest } from "./contest.ts";
import type { Peer, PeerAnswer, PeerTask } from "./peer_process.ts";

/** A peer that gives these answers in turn. */
function scripted(answers: PeerAnswer[]): Peer & { readonly asked: PeerTask[] } {
  const asked: PeerTask[] = [];
  return {
    asked,
    ask: (task) => Promise.resolve((asked.push(task), answers[asked.length - 1])),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const contest: Contest = {
  name: "sums",
  target: 2,
  repetitions: 3,
  peerFactor: 10,
  warmUp: { task: "warm" },
  round: (i) => ({ ours: () => Promise.resolve(() => 7), task: { task: "sum", i } }),
};

Deno.test("compete() asks the warm-up first and takes the median of the rest", async () => {
  const peer = scripted([9, 1, 5, 2].map((seconds) => ({ seconds, value: 7 })));
  const row = await compete(contest, peer);
  deepEqual(peer.asked, [{ task: "warm" }, { task: "sum", i: 0 }, { task: "sum", i: 1 }, { task: "sum", i: 2 }]);
  equal(row?.peer, 20);
  ok(Math.abs(row.ratio - 20 / row.ours) < 1e-9 * row.ratio);
  equal(row.target, 2);
  deepEqual(row.results, { ours: 7, peer: 7 });
});

Deno.test("compete() leaves out a row whose peer is absent", async () => {
  equal(await compete(contest, scripted([{ absent: "Python lacks the package open3d" }])), undefined);
});

Deno.test("compete() says when the two results differ", async () => {
  const said: string[] = [], { error } = console;
  console.error = (line: string) => said.push(line);
  try {
    await compete(contest, scripted([7, 7, 7.5, 7].map((value) => ({ seconds: 1, value }))));
  } finally {
    console.error = error;
  }
  equal(said.filter((line) => line.includes("differ")).length, 1);
});
