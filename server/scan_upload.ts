/** Scans in a request's body: as the body itself, or as files of a form. @module */
import { MultipartParseError, parseMultipart } from "@remix-run/multipart-parser";
import { RequestRefused } from "./errors.ts";
import { type BodyBounds, readBody } from "./guard/body.ts";
import { assertScanForm } from "./guard/scan_form.ts";

/** A scan as it was sent. */
export interface ScanUpload {
  /** Its file's name; undefined where the sender gave none. */
  readonly name?: string;
  /** The file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A form's files and other fields. */
export interface Form {
  /** In their order. */
  readonly files: readonly {
    readonly field: string;
    readonly name: string;
    readonly type: string;
    readonly bytes: Uint8Array<ArrayBuffer>;
  }[];
  /** Text fields by name. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Files and fields of a form: many more than a batch has. */
const MOST_PARTS = 100_000;

/** Characters of a scan's name. */
const MOST_NAME = 300;

const isForm = (type: string) => /^multipart\/form-data\b/i.test(type);

/** A form whole. @throws {RequestRefused} also where the body is none */
export async function readForm(request: Request, bounds: BodyBounds): Promise<Form> {
  const type = request.headers.get("Content-Type") ?? "";
  if (!isForm(type)) {
    throw new RequestRefused(415, "form-wanted", `Send multipart/form-data, not ${type || "a body without a type"}`);
  }
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(type)?.slice(1).find((one) => one !== undefined) ?? "";
  const body = await readBody(request, bounds);
  const files: Form["files"][number][] = [], fields: Record<string, string> = {};
  try {
    const most = { maxFileSize: body.length, maxTotalSize: body.length, maxParts: MOST_PARTS };
    for (const { name: field = "", filename, mediaType = "", bytes } of parseMultipart(body, { boundary, ...most })) {
      if (filename === undefined) fields[field] = new TextDecoder().decode(bytes);
      else files.push({ field, name: filename, type: mediaType, bytes: new Uint8Array(bytes) });
    }
  } catch (cause) {
    if (!(cause instanceof MultipartParseError)) throw cause;
    throw new RequestRefused(400, "form-malformed", `The form cannot be read: ${cause.message}`);
  }
  return { files, fields };
}

/** The scans of a form's fields `scan`. @throws {RequestRefused} */
export async function readScans(request: Request, bounds: BodyBounds, most: number): Promise<ScanUpload[]> {
  const { files } = await readForm(request, bounds), scans = files.filter(({ field }) => field === "scan");
  if (scans.length === 0) throw new RequestRefused(422, "scan-missing", 'The form has no file in a field named "scan"');
  if (scans.length > most) {
    throw new RequestRefused(
      413,
      "too-many-scans",
      `${scans.length} scans are more than ${most}: send several batches`,
    );
  }
  return scans.map(({ name, type, bytes }) => {
    assertScanForm(bytes, type);
    if (name.length > MOST_NAME) {
      throw new RequestRefused(422, "name-too-long", `A scan's name is longer than ${MOST_NAME} characters`);
    }
    return { name, bytes };
  });
}

/** The one scan of a request. @throws {RequestRefused} */
export async function readScan(request: Request, bounds: BodyBounds): Promise<ScanUpload> {
  const type = request.headers.get("Content-Type") ?? "";
  if (isForm(type)) return (await readScans(request, bounds, 1))[0];
  const bytes = await readBody(request, bounds);
  assertScanForm(bytes, type);
  return { bytes };
}
