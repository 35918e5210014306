/**
 * Ours and other software on the same machine, in the same run, on the same inputs. @module
 *
 * `deno task bench:peers [--alignment | --training] [--json] [--data FOLDER]`: a table, or one JSON document, on standard output; FOLDER is a data
 * set in MVTec 3D-AD layout. With `--alignment` scans brought to normal scans are compared, with `--training` steps of SP-GAN's training and
 * inversion, which need no data, else whole detections and kernels. Python with NumPy, SciPy, PyTorch, Pillow and Open3D runs the other side; what is missing is said and left out.
 */
import { parseArgs } from "node:util";
import { type OpenRun, openRun } from "../../host/mod.ts";
import { sharedData } from "../../tests/shared_data.ts";
import { alignmentContests } from "./alignment_contests.ts";
import { makeAlignmentScene } from "./alignment_scene.ts";
import { compete, type Contest, type Row } from "./contest.ts";
import { detectionContests } from "./detection_contest.ts";
import { type Category, makeInputs, openFirstCategory } from "./inputs.ts";
import { kernelContests } from "./kernel_contests.ts";
import { machineInWords, memoryInWords } from "./machine.ts";
import { type Peer, startPeer } from "./peer_process.ts";
import { spGanContests } from "./sp_gan_contests.ts";

/** What is compared. */
type Subject = "alignment" | "training" | "detection";

/** Runs the contests; rows whose peer is missing are left out. */
async function comparePeers(data: string | undefined, subject: Subject): Promise<Row[]> {
  await using owned = new AsyncDisposableStack();
  const peer = startPeer();
  if (!peer) return [];
  owned.use(peer);
  const folder = await Deno.makeTempDir({ prefix: "uni3dad-peers-" });
  owned.defer(() => Deno.remove(folder, { recursive: true }));
  const run = owned.use(await openRun());
  console.error(machineInWords(run.gpu));
  using contests = await contestsOf(subject, data, folder, run, peer);
  const rows: Row[] = [];
  for (const contest of contests.all) {
    const row = await compete(contest, peer);
    if (row) rows.push(row);
  }
  console.error(memoryInWords(run.gpu));
  return rows;
}

/** Contests and what they own. */
interface Contests extends Disposable {
  readonly all: readonly Contest[];
}

async function contestsOf(subject: Subject, data: string | undefined, folder: string, run: OpenRun, peer: Peer) {
  if (subject === "training") {
    const all = await spGanContests(folder, run.gpu, peer);
    return { all, [Symbol.dispose]: () => all.forEach((contest) => contest[Symbol.dispose]()) };
  }
  const category = data === undefined ? undefined : await openFirstCategory(data);
  return subject === "alignment"
    ? await contestsOfAlignment(category, folder, run)
    : await contestsOfDetection(category, folder, run, peer);
}

/** Scans brought to normal scans. */
async function contestsOfAlignment(category: Category | undefined, folder: string, run: OpenRun): Promise<Contests> {
  if (!category) {
    console.error("left out: alignment: it needs a data set, --data FOLDER");
    return { all: [], [Symbol.dispose]: () => {} };
  }
  const scene = await makeAlignmentScene(category, folder, run);
  console.error(
    `${scene.registry.names.length} normal scans and ${scene.scans.length} others of ${category.dataset.category}`,
  );
  return { all: alignmentContests(scene, run), [Symbol.dispose]: () => scene[Symbol.dispose]() };
}

/** Whole detections, and single kernels. */
async function contestsOfDetection(
  category: Category | undefined,
  folder: string,
  run: OpenRun,
  peer: Peer,
): Promise<Contests> {
  using owned = new DisposableStack();
  const all: (Contest & Disposable)[] = [];
  if (category) all.push(...(await detectionContests(category, folder, run)).map((contest) => owned.use(contest)));
  else console.error("left out: whole detection: it needs a data set, --data FOLDER");
  const inputs = await makeInputs(category, folder, run);
  console.error(`points and features: ${inputs.origin}`);
  all.push(...(await kernelContests(inputs, run.gpu, peer)).map((contest) => owned.use(contest)));
  const kept = owned.move();
  return { all, [Symbol.dispose]: () => kept.dispose() };
}

/** The rows as people read them; of alignments with what is left, millimetres, instead of targets. */
function table(rows: readonly Row[], alignment: boolean): string {
  const seconds = (value: number) => `${value.toPrecision(3)} s`;
  const cells = rows.map(({ name, ours, peer, ratio, target, results }) => [
    name,
    seconds(ours),
    seconds(peer),
    ratio.toFixed(2),
    ...(alignment
      ? [results.ours, results.peer].map((metres) => `${(1000 * metres).toFixed(3)} mm`)
      : [target === null ? "-" : `${target} ${ratio >= target ? "met" : "missed"}`]),
  ]);
  const last = alignment ? ["ours leaves", "peer leaves"] : ["target"];
  const all = [["", "ours", "peer", "peer / ours", ...last], ...cells];
  const widths = all[0].map((_, column) => Math.max(...all.map((line) => line[column].length)));
  return all.map((line) => line.map((cell, i) => cell.padEnd(widths[i])).join("  ").trimEnd()).join("\n");
}

const { values: { json, data, alignment, training } } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    data: { type: "string" },
    alignment: { type: "boolean", default: false },
    training: { type: "boolean", default: false },
  },
});
const subject = alignment ? "alignment" : training ? "training" : "detection";
const rows = await comparePeers(data ?? sharedData("data/mvtec3d"), subject);
console.log(json ? JSON.stringify({ rows }, null, 2) : table(rows, alignment));
Deno.exit(0);
