/** Scans that are broken in every way, sent to the real scorer: each is a problem of its own, and the next good scan scores as before. */
import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { sharedGpu } from "../testing/mod.ts";
import { type Made, madeOnce, open, type Opened } from "./opened_server.ts";

const adapter = await sharedGpu() !== undefined, made = madeOnce();

function test(name: string, run: (made: Made, server: Opened) => Promise<void>): void {
  const fn = async () => {
    const one = await made();
    await using server = await open(one, `${one.folder.path}/${crypto.randomUUID()}`);
    const whole = await scoreOf(await server.score(one.scan));
    await run(one, server);
    equal(await scoreOf(await server.score(one.scan)), whole, "the next good scan scores as before");
    deepEqual(server.warned, []);
  };
  Deno.test({ name, ignore: !adapter, sanitizeOps: false, sanitizeResources: false, fn });
}

const scoreOf = async (answer: Response): Promise<number> => {
  equal(answer.status, 200);
  return (await answer.json()).scans[0].score;
};

/** Whether it was scored after all; else it has to be a problem that names the request's fault. */
async function scored(answer: Response): Promise<boolean> {
  const body = await answer.json();
  if (answer.status === 200) return true;
  ok(answer.status >= 400 && answer.status < 500, JSON.stringify(body));
  equal(answer.headers.get("Content-Type"), "application/problem+json");
  deepEqual([body.status, typeof body.code, typeof body.detail], [answer.status, "string", "string"]);
  return false;
}

const bytes = (limits: { maxLength: number }) => fc.uint8Array(limits).map((part) => new Uint8Array(part));

/** Beginnings of files that are taken for scans. */
const magic = fc.constantFrom([], [0x49, 0x49, 0x2a, 0], [0x4d, 0x4d, 0, 0x2a], [
  0x93,
  0x4e,
  0x55,
  0x4d,
  0x50,
  0x59,
  1,
  0,
], [0x50, 0x4b, 3, 4]);

test("random bytes, also such that begin like scans", async (_, server) => {
  const property = fc.asyncProperty(magic, bytes({ maxLength: 3000 }), async (first, rest) => {
    equal(await scored(await server.score(new Uint8Array([...first, ...rest]))), false);
  });
  await fc.assert(property, { numRuns: 60 });
});

test("a scan that is cut short", async ({ scan }, server) => {
  const property = fc.asyncProperty(fc.integer({ min: 0, max: scan.length - 1 }), async (length) => {
    equal(await scored(await server.score(scan.slice(0, length))), false);
  });
  await fc.assert(property, { numRuns: 25 });
});

test("a scan with flipped bits: scored as what it says now, or refused", async ({ scan }, server) => {
  const header = fc.nat(600),
    anywhere = fc.nat(scan.length - 1),
    flip = fc.tuple(fc.oneof(header, anywhere), fc.integer({ min: 1, max: 255 }));
  const seen = { refused: 0 };
  const property = fc.asyncProperty(fc.array(flip, { minLength: 1, maxLength: 20 }), async (flips) => {
    const broken = scan.slice();
    for (const [at, mask] of flips) broken[at] ^= mask;
    if (!await scored(await server.score(broken))) seen.refused++;
  });
  await fc.assert(property, { numRuns: 25 });
  ok(seen.refused > 0);
});

test("forms that are broken, and content types that say something else", async ({ scan }, server) => {
  const boundary = "xx", text = new TextEncoder();
  const form = [
    text.encode(`--${boundary}\r\nContent-Disposition: form-data; name="scan"; filename="a.tiff"\r\n\r\n`),
    scan,
    text.encode(`\r\n--${boundary}--\r\n`),
  ].reduce((all, part) => new Uint8Array([...all, ...part]), new Uint8Array());
  const send = async (body: Uint8Array<ArrayBuffer>, type: string) =>
    scored(await server.score(body, { headers: { "Content-Type": type } }));
  const multipart = `multipart/form-data; boundary=${boundary}`;
  equal(await send(form, multipart), true);
  equal(await send(form, "multipart/form-data"), false);
  equal(await send(form, "multipart/form-data; boundary=yy"), false);
  equal(await send(scan, multipart), false);
  equal(await send(scan, "application/x-npy"), false);
  equal(await send(scan, "text/plain"), false);
  const ended = form.length - "--\r\n".length; // without the last line break it is whole
  const property = fc.asyncProperty(fc.nat(ended), fc.nat(200), async (length, at) => {
    equal(await send(form.slice(0, length), multipart), false);
    const broken = form.slice();
    broken[at % broken.length] ^= 0x20;
    await send(broken, multipart);
  });
  await fc.assert(property, { numRuns: 12 });
});

test("a batch names each broken scan, and scores the others", async ({ scan }, server) => {
  const body = new FormData(), broken = scan.slice(0, 2000), lying = scan.slice();
  lying.fill(0xff, 4, 8); // where its directory lies
  for (const [i, one] of [scan, broken, scan, lying, scan].entries()) body.append("scan", new File([one], `${i}.tiff`));
  const job = await (await server.call("/v1/models/bagel/batches", { method: "POST", body })).json();
  const { state, done, failed } = await server.end(job.id);
  deepEqual([state, done, failed], ["done", 5, 2]);
  const items = await server.items(job.id);
  deepEqual(items.map((item) => item.state), ["done", "failed", "done", "failed", "done"]);
  for (const { error, state } of items) equal(error?.code, state === "failed" ? "malformed-file" : undefined);
});
