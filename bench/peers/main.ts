/**
 * Ours and other software on the same machine, in the same run, on the same inputs. @module
 *
 * `deno task bench:peers [--json] [--data FOLDER]`: a table, or one JSON document, on standard output; FOLDER is a data set in MVTec
 * 3D-AD layout. Python with NumPy, SciPy, PyTorch, Pillow and Open3D runs the other side; what is missing is said and left out.
 */
import { parseArgs } from "node:util";
import { openRun } from "../../host/mod.ts";
import { sharedData } from "../../tests/shared_data.ts";
import { compete, type Contest, type Row } from "./contest.ts";
import { detectionContests } from "./detection_contest.ts";
import { makeInputs, openFirstCategory } from "./inputs.ts";
import { kernelContests } from "./kernel_contests.ts";
import { machineInWords, memoryInWords } from "./machine.ts";
import { startPeer } from "./peer_process.ts";

/** Runs the contests; rows whose peer is missing are left out. */
async function comparePeers(data: string | undefined): Promise<Row[]> {
  await using owned = new AsyncDisposableStack();
  const peer = startPeer();
  if (!peer) return [];
  owned.use(peer);
  const folder = await Deno.makeTempDir({ prefix: "uni3dad-peers-" });
  owned.defer(() => Deno.remove(folder, { recursive: true }));
  const run = owned.use(await openRun());
  console.error(machineInWords(run.gpu));
  const category = data === undefined ? undefined : await openFirstCategory(data);
  const contests: (Contest & Disposable)[] = [];
  if (category) {
    for (const contest of await detectionContests(category, folder, run)) contests.push(owned.use(contest));
  }
  if (!category) console.error("left out: whole detection: it needs a data set, --data FOLDER");
  const inputs = await makeInputs(category, folder, run);
  console.error(`points and features: ${inputs.origin}`);
  for (const contest of await kernelContests(inputs, run.gpu, peer)) contests.push(owned.use(contest));
  const rows: Row[] = [];
  for (const contest of contests) {
    const row = await compete(contest, peer);
    if (row) rows.push(row);
  }
  console.error(memoryInWords(run.gpu));
  return rows;
}

/** The rows as people read them. */
function table(rows: readonly Row[]): string {
  const seconds = (value: number) => `${value.toPrecision(3)} s`;
  const cells = rows.map(({ name, ours, peer, ratio, target }) => [
    name,
    seconds(ours),
    seconds(peer),
    ratio.toFixed(2),
    target === null ? "-" : `${target} ${ratio >= target ? "met" : "missed"}`,
  ]);
  const all = [["", "ours", "peer", "peer / ours", "target"], ...cells];
  const widths = all[0].map((_, column) => Math.max(...all.map((line) => line[column].length)));
  return all.map((line) => line.map((cell, i) => cell.padEnd(widths[i])).join("  ").trimEnd()).join("\n");
}

const { values } = parseArgs({ options: { json: { type: "boolean", default: false }, data: { type: "string" } } });
const rows = await comparePeers(values.data ?? sharedData("data/mvtec3d"));
console.log(values.json ? JSON.stringify({ rows }, null, 2) : table(rows));
Deno.exit(0);
