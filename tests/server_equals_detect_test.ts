/** What the server answers is what `detect` writes: the same decision to the last bit, the same files to the last byte. */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { DetectDocument } from "../core/mod.ts";
import type { ScanView } from "../report/mod.ts";
import { sharedGpu } from "../testing/mod.ts";
import { commandLine } from "./command_line.ts";
import { madeOnce, open } from "./opened_server.ts";
import { until } from "./stub_server.ts";

const adapter = await sharedGpu() !== undefined, made = madeOnce();

Deno.test({
  name: "a scan has over HTTP what it has by detect: document, heat map, scores, cloud",
  ignore: !adapter,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const one = await made(), { folder: { path }, models, category } = one;
    const scan = `${category}/test/hole/xyz/000.tiff`, out = `${path}/out`;
    const { code, stdout, stderr } = await commandLine([
      "detect",
      scan,
      `--model=${models}/bagel`,
      `--out=${out}`,
      "--json",
      "--quiet",
    ]);
    equal(code, 0, stderr);
    const written: DetectDocument = JSON.parse(stdout), [{ input }] = written.scans;
    await using server = await open(one, `${path}/state`);
    const bytes = await Deno.readFile(scan);
    const ask = async (accept: string) => {
      const answer = await server.score(bytes, { headers: { Accept: accept } });
      equal(answer.status, 200, accept);
      return answer;
    };
    const named = await server.call(`/v1/models/bagel/score?name=${encodeURIComponent(input)}`, {
      method: "POST",
      body: bytes,
    });
    const document: DetectDocument = await named.json();
    deepEqual(lasting(document), lasting(written));
    equal(document.adapter.description, written.adapter.description);

    const [{ files }] = written.scans as unknown as readonly { readonly files: Readonly<Record<string, string>> }[];
    const kinds = { "image/png": "picture", "image/tiff": "map", "model/ply": "cloud" };
    for (const [type, kind] of Object.entries(kinds)) {
      const sent = await (await ask(type)).bytes(), kept = await Deno.readFile(`${out}/${files[kind]}`);
      ok(kept.length > 100, `${type} has ${kept.length} bytes`);
      ok(sent.toBase64() === kept.toBase64(), `${type}: ${sent.length} bytes are not the ${kept.length} of detect`);
    }

    const id = named.headers.get("X-Result-Id")!;
    await until(async () => (await server.call(`/v1/results/${id}/view`)).ok, "the view was kept");
    const view: ScanView = await (await server.call(`/v1/results/${id}/view`)).json();
    equal(view.found.score, lasting(written).scans[0].score);
    const picture = await (await server.call(`/v1/results/${id}/picture`)).bytes();
    deepEqual(
      picture.toBase64(),
      (await (await ask("image/png")).bytes()).toBase64(),
      "a result's picture is the one of its score",
    );
  },
});

/** All but what tells of the run: the time it took, where its files are. */
function lasting({ scans, model }: DetectDocument) {
  return { model, scans: scans.map((scan) => ({ ...scan, seconds: 0, files: {} })) as unknown as { score: number }[] };
}
