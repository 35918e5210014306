import { deepEqual, equal, notEqual } from "node:assert/strict";
import { tinyScan } from "../testing/tiny_scan.ts";
import { digestOf } from "./digest.ts";
import { digestedScans } from "./digested_scans.ts";

Deno.test("digestedScans() gives the scans with the digests of their points", async () => {
  const scan = tinyScan({ seed: 1 }), apart = new Float32Array(scan.points.length + 4);
  apart.set(scan.points, 4);
  const given = [scan, { ...scan, name: "copy", points: apart.subarray(4) }, tinyScan({ seed: 2 })];
  const digested = digestedScans(given.map((one) => ({ name: one.name, load: () => Promise.resolve(one) })));
  const loaded = await Promise.all(digested.scans.map((one) => one.load())), digests = loaded.map((one) => one.digest);
  deepEqual(loaded.map(({ digest: _, ...one }) => one), given);
  equal(digests[0], await digestOf(new Uint8Array(scan.points.slice().buffer)));
  equal(digests[1], digests[0]);
  notEqual(digests[2], digests[0]);
  equal((await digested.scans[2].load()).digest, digests[2], "a second time");
  const names = given.map(({ name }) => name);
  equal(await digested.fingerprint(names), await digestOf(new TextEncoder().encode(digests.join("\n"))));
  deepEqual(digested.copies(names), [`copy of ${scan.name}`]);
});
