import { deepEqual, equal, rejects } from "node:assert/strict";
import { readForm, readScan, readScans } from "./scan_upload.ts";

const bounds = { most: 10_000, stallMs: 1000 };
const scan = new TextEncoder().encode("II*\0bytes\r\n--of a scan\r\n\0\xff");

const post = (body: BodyInit, headers: Record<string, string> = {}) =>
  new Request("http://localhost/", { method: "POST", body, headers });

type Part = readonly [field: string, content: Uint8Array<ArrayBuffer> | string, name?: string, type?: string];

function form(...parts: readonly Part[]) {
  const data = new FormData();
  for (const [field, content, name, type] of parts) {
    if (name === undefined) data.append(field, content as string);
    else data.append(field, new Blob([content], { type }), name);
  }
  return post(data);
}

Deno.test("a form's files and fields come as they were sent, in their order", async () => {
  const { files, fields } = await readForm(
    form(["a", scan, "1.tiff", "image/tiff"], ["note", "grün\r\n"], ["a", "", "2.tiff"]),
    bounds,
  );
  deepEqual(fields, { note: "grün\r\n" });
  deepEqual(files, [
    { field: "a", name: "1.tiff", type: "image/tiff", bytes: scan },
    { field: "a", name: "2.tiff", type: "application/octet-stream", bytes: new Uint8Array() },
  ]);
});

Deno.test("a file's name may have any sign that a browser sends", async () => {
  const names = ["part=3;batch=7.tiff", "a, b.tiff", "Größe 🥔.tiff", "a; filename=x.tiff", "a'b(c).tiff", "name=x"];
  const { files } = await readForm(form(...names.map((name) => ["scan", scan, name] as const)), bounds);
  deepEqual(files.map(({ name }) => name), names);
});

Deno.test("fields have no power over the object that holds them", async () => {
  const { fields } = await readForm(form(["__proto__", "x"], ["constructor", "y"], ["toString", "z"]), bounds);
  equal(Object.getPrototypeOf(fields), Object.prototype);
  equal(fields.constructor as unknown, "y");
});

Deno.test("readForm() refuses what is no form, and what is a damaged one", async () => {
  for (const type of ["image/tiff", "", "multipart/mixed; boundary=x", "multipart/form-datas; boundary=x"]) {
    await rejects(
      readForm(post("--x--", { "Content-Type": type }), bounds),
      { code: "form-wanted", status: 415 },
      type,
    );
  }
  const head = '--x\r\nContent-Disposition: form-data; name="scan"; filename="a.tiff"\r\n\r\n';
  for (const body of ["none", "--x", `${head}II*`, head, `${head}II*\r\n--y--`, `--x\r\n${"a".repeat(9000)}`]) {
    for (const type of ["multipart/form-data; boundary=x", "multipart/form-data", 'multipart/form-data; boundary=""']) {
      await rejects(
        readForm(post(body, { "Content-Type": type }), bounds),
        { code: "form-malformed", status: 400 },
        body.slice(0, 99),
      );
    }
  }
  const { files } = await readForm(
    post(`${head}II*\r\n--x--`, { "Content-Type": 'Multipart/Form-Data; charset=utf-8; boundary="x"' }),
    bounds,
  );
  deepEqual(files.map(({ name, bytes }) => [name, bytes.length]), [["a.tiff", 3]]);
});

Deno.test("readForm() takes no more bytes than it may", async () => {
  await rejects(readForm(form(["a", new Uint8Array(10_001), "1"]), bounds), { code: "body-too-large" });
});

Deno.test("readScan() takes a scan as the body or as a form's one file", async () => {
  deepEqual(await readScan(post(scan), bounds), { bytes: scan });
  deepEqual(await readScan(post(scan, { "Content-Type": "image/tiff" }), bounds), { bytes: scan });
  deepEqual(await readScan(form(["scan", scan, "a.tiff"], ["other", "x", "b.txt"]), bounds), {
    name: "a.tiff",
    bytes: scan,
  });
  await rejects(readScan(form(["scan", scan, "a"], ["scan", scan, "b"]), bounds), {
    code: "too-many-scans",
    status: 413,
  });
  await rejects(readScan(form(["scan", "text"]), bounds), { code: "scan-missing", status: 422 });
});

Deno.test("readScans() looks at each scan's form, name and number", async () => {
  const read = (...parts: readonly Part[]) => readScans(form(...parts), bounds, 2);
  deepEqual((await read(["scan", scan, "a"], ["scan", scan, "b"])).map(({ name }) => name), ["a", "b"]);
  await rejects(read(["scan", scan, "a"], ["scan", "text", "b"]), { code: "scan-form-unknown" });
  await rejects(read(["scan", scan, "a", "application/x-npy"]), { code: "content-type-mismatch" });
  await rejects(read(["scan", scan, "a".repeat(301)]), { code: "name-too-long", status: 422 });
  await rejects(read(["scan", scan, "a"], ["scan", scan, "b"], ["scan", scan, "c"]), { code: "too-many-scans" });
});
