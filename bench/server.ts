/**
 * The server under load: `deno task bench:server --models FOLDER --model NAME SCANS… [--clients 1,4,16,64] [--requests N] [--turns N]`.
 * @module
 *
 * Three tables on stdout: a request beside a call of the library, in turn; requests a second and latency by number of clients, N requests
 * shared among these rows; memory before the first row and after each. Exit code 1 where an answer or a result was lost, came twice,
 * or was another's. The load generator runs on the same machine and takes its part of it.
 */
import { parseArgs } from "node:util";
import { load, type LoadResult } from "./server/load.ts";
import { oneCall, type Turns } from "./server/one_call.ts";
import { type ServerMemory, startServer } from "./server/server_process.ts";
import { median } from "./timed.ts";

const { values: asked, positionals: files } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    models: { type: "string" },
    model: { type: "string" },
    clients: { type: "string", default: "1,4,16,64" },
    requests: { type: "string", default: "256" },
    turns: { type: "string", default: "20" },
  },
});
const { models, model } = asked, levels = asked.clients.split(",").map(Number);
if (models === undefined || model === undefined || files.length === 0) {
  console.error(
    "usage: deno task bench:server --models FOLDER --model NAME SCANS… [--clients 1,4,16,64] [--requests N] [--turns N]",
  );
  Deno.exit(2);
}

const quantile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))] ?? NaN;
const whole = (value: number) => value.toFixed(0);
const mib = (bytes: number) => whole(bytes / 2 ** 20);
const line = (...cells: readonly (string | number)[]) => console.log(`| ${cells.join(" | ")} |`);
const head = (...cells: readonly string[]) => {
  console.log("");
  line(...cells);
  line(...cells.map(() => "---"));
};

function tellTurns({ server, library }: Turns): void {
  head("turns", "request, ms", "library call, ms", "the server's part");
  const over = median(server) / median(library) - 1;
  line(server.length, whole(median(server)), whole(median(library)), `${(100 * over).toFixed(1)} %`);
}

function tellLoad(clients: number, { answers, failed, turnedAway, unanswered, seconds, latencies }: LoadResult): void {
  const [half, most, nearlyAll] = [0.5, 0.95, 0.99].map((share) => whole(quantile(latencies, share)));
  const perSecond = (latencies.length / seconds).toFixed(2);
  line(clients, answers, perSecond, half, most, nearlyAll, failed + unanswered, turnedAway);
}

const state = await Deno.makeTempDir({ prefix: "uni3dad-bench-" }), faults: string[] = [];
const memory: (ServerMemory & { readonly requests: number })[] = [];
try {
  await using server = await startServer(models, state);
  const { version, adapter } = await (await fetch(`${server.url}/v1/server`)).json();
  const scans = await Promise.all(files.map((file) => Deno.readFile(file)));
  console.log(
    `uni3dad ${version}, ${adapter.description}, ${navigator.hardwareConcurrency} cores, load ${
      Deno.loadavg()[0].toFixed(1)
    }`,
  );

  tellTurns(await oneCall(server, { folder: models, model, files, turns: Number(asked.turns) }));

  head("clients", "answers", "scans/s", "p50, ms", "p95, ms", "p99, ms", "errors", "429");
  const requests = Math.ceil(Number(asked.requests) / levels.length);
  memory.push({ requests: 0, ...await server.memory() });
  for (const clients of levels) {
    const result = await load(server, {
      model,
      scans,
      clients,
      requests: Math.max(requests, clients),
      label: `load-${clients}`,
    });
    tellLoad(clients, result);
    faults.push(...result.faults);
    memory.push({ requests: memory.at(-1)!.requests + result.answers, ...await server.memory() });
  }

  head("requests so far", "resident, MiB", "of that or the GPU's, buffers, MiB");
  for (const { requests, residentBytes, gpuBytes } of memory) line(requests, mib(residentBytes), mib(gpuBytes));
} finally {
  await Deno.remove(state, { recursive: true });
}
console.log(faults.length === 0 ? "\nEvery request has one answer and one result, its own." : `\n${faults.join("\n")}`);
Deno.exit(faults.length === 0 ? 0 : 1);
