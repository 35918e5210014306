/** The server in this process, at a port of its own, over folders that go with it. @module */
import { VERSION } from "../core/mod.ts";
import type { RequestLine } from "../server/mod.ts";
import { openServerOver, type ServerOptions } from "../server/open_server.ts";
import type { Scope } from "../server/schemas/key_schema.ts";
import type { Limits } from "../server/service.ts";
import { openStore } from "../server/store/store.ts";
import { temporaryFolder } from "./run_deno.ts";
import { type StubScorer, stubScorer } from "./stub_scorer.ts";

/** Key that each call carries unless its headers say otherwise. */
type Keys = Readonly<Record<Scope, string>>;

/** The server as tests ask it. */
export interface ServerUnderTest extends AsyncDisposable {
  /** Where it answers. */
  readonly url: string;
  /** Its port. */
  readonly port: number;
  /** Folder of everything: `models/`, `state/`, `allowed/`, which requests may name, and `secret/`, which they may not. */
  readonly folder: string;
  /** What scores. */
  readonly scorer: StubScorer;
  /** Keys by scope; none where keys are not needed. */
  readonly keys: Keys | undefined;
  /** What was logged of requests. */
  readonly lines: RequestLine[];
  /** Faults that were logged. */
  readonly faults: unknown[];
  /** Asks; with the admin's key where keys are needed and `init` names none. */
  call(path: string, init?: RequestInit): Promise<Response>;
}

/** How it is opened, where otherwise than by default. */
export interface UnderTest extends Partial<Pick<ServerOptions, "queue">> {
  /** Whether keys are needed; default false. */
  readonly keyed?: boolean;
  /** Bounds, where other than wide ones. */
  readonly limits?: Partial<Limits>;
}

const LIMITS: Limits = {
  scanBytes: 2 ** 20,
  uploadBytes: 2 ** 20,
  batchScans: 10,
  points: 2 ** 20,
  answerMs: 20_000,
  stallMs: 10_000,
  perMinute: 1_000_000,
};

/** Opens it over a stub that scores, with a model `part`, and with one `broken` that can't be read. */
export async function serverUnderTest({ keyed = false, limits, queue = 8 }: UnderTest = {}): Promise<ServerUnderTest> {
  await using owned = new AsyncDisposableStack();
  const folder = owned.use(temporaryFolder()), scorer = stubScorer();
  const lines: RequestLine[] = [], faults: unknown[] = [];
  for (const name of ["models/part", "models/broken", "state", "allowed/scans", "secret"]) {
    Deno.mkdirSync(`${folder.path}/${name}`, { recursive: true });
  }
  folder.put("models/part/model.json", JSON.stringify(modelIndex));
  folder.put("models/broken/model.json", "{}");
  const keys = keyed ? addKeys(`${folder.path}/state`) : undefined;
  const server = owned.use(
    await openServerOver({
      models: `${folder.path}/models`,
      state: `${folder.path}/state`,
      address: "127.0.0.1",
      port: 0,
      queue,
      folders: [`${folder.path}/allowed`],
      memoryBytes: 2 ** 20,
      limits: { ...LIMITS, ...limits },
      keep: {},
      log: { debug: () => {}, info: () => {}, warn: () => {} },
      lines: { request: (line) => void lines.push(line), fault: (_, error) => void faults.push(error) },
    }, () => Promise.resolve(scorer)),
  );
  const kept = owned.move(), { url } = server;
  return {
    url,
    port: Number(new URL(url).port),
    folder: folder.path,
    scorer,
    keys,
    lines,
    faults,
    call(path, init = {}) {
      const headers = new Headers(init.headers);
      if (keys && !headers.has("Authorization")) headers.set("Authorization", `Bearer ${keys.admin}`);
      return fetch(`${url}${path}`, { ...init, headers });
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function addKeys(state: string): Keys {
  using store = openStore(`${state}/server.sqlite`);
  const add = (scope: Scope) => store.keys.add({ name: `of scope ${scope}`, scopes: [scope] }).key;
  return { score: add("score"), train: add("train"), admin: add("admin") };
}

/** A `model.json` as `fit` writes it, without its tensors: enough to be listed, not to be opened. */
export const modelIndex = {
  format: 3,
  uni3dad: VERSION,
  name: "part",
  method: "fpfh",
  preset: "default",
  plugins: { extractor: { name: "fpfh", version: "1.0.0", api: 1 } },
  options: { prepare: {}, extractor: {} },
  facts: { extractor: {} },
  calibration: {
    scan: { kind: "leave-one-out", scores: [1, 2, 3], names: ["0", "1", "2"], folds: 3 },
    peak: { kind: "leave-one-out", scores: [1, 2, 3], names: ["0", "1", "2"], folds: 3 },
  },
  partSizes: { least: 0.1, most: 0.2 },
  trainNames: ["0", "1", "2"],
  suspects: [],
  fingerprint: "0123456789abcdef".repeat(4),
  files: {},
};

/** Bytes that begin as a TIFF does: enough to be taken for a scan by all that comes before the scoring. */
export const tiff = (length = 64): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(length);
  bytes.set([0x49, 0x49, 42, 0]);
  return bytes;
};

/** A form with files in a field. */
export function formOf(
  field: string,
  files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>,
  rest: Record<string, string> = {},
): FormData {
  const form = new FormData();
  for (const [name, bytes] of Object.entries(files)) form.append(field, new Blob([bytes]), name);
  for (const [name, text] of Object.entries(rest)) form.append(name, text);
  return form;
}

/** Waits until something holds, looking again and again. @throws where it does not within ten seconds */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + 10_000;
  while (!await holds()) {
    if (performance.now() > end) throw new Error(`it never came that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/**
 * Sends bytes as they are, no more after them though the body that they announce may go on, and gives the answer, whose length is stated.
 * `end` tells the server that nothing follows.
 */
export async function rawCall(port: number, bytes: string | Uint8Array, { end = false } = {}): Promise<Response> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const whole = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  for (let at = 0; at < whole.length;) at += await connection.write(whole.subarray(at));
  if (end) await connection.closeWrite();
  const part = new Uint8Array(2 ** 16);
  let said = "";
  for (let count; (count = await connection.read(part)) !== null;) {
    said += new TextDecoder().decode(part.subarray(0, count)); // answers to such calls are ASCII
    const [head, body] = said.split("\r\n\r\n"), length = /^content-length: (\d+)/im.exec(head)?.[1];
    if (body === undefined || body.length < Number(length ?? 0)) continue;
    const [first, ...lines] = head.split("\r\n");
    const headers = lines.map((
      line,
    ): [string, string] => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]);
    return new Response(body, { status: Number(first.split(" ")[1]), headers });
  }
  throw new Error(`the connection ended with: ${said}`);
}
