/** Whether bytes can be a scan at all, before anything is read of them. @module */
import { RequestRefused } from "../errors.ts";

/** What a file begins with, and the content types under which it may be sent. */
const forms = [
  {
    name: "TIFF", // little- and big-endian, classic and BigTIFF
    first: [[0x49, 0x49, 42, 0], [0x4d, 0x4d, 0, 42], [0x49, 0x49, 43, 0], [0x4d, 0x4d, 0, 43]],
    types: ["image/tiff", "image/tif"],
  },
  { name: "NPY", first: [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]], types: ["application/x-npy"] },
  { name: "NPZ", first: [[0x50, 0x4b, 0x03, 0x04]], types: ["application/x-npz", "application/zip"] },
] as const;

/** Says nothing of the form. */
const ANY = ["application/octet-stream", "binary/octet-stream", "application/x-www-form-urlencoded", ""];

/**
 * Refuses what begins like no scan, and what begins otherwise than its content type says.
 * @throws {RequestRefused} `scan-form-unknown`, `content-type-mismatch`
 */
export function assertScanForm(bytes: Uint8Array, contentType: string): void {
  const type = contentType.split(";")[0].trim().toLowerCase();
  const form = forms.find(({ first }) => first.some((magic) => magic.every((byte, i) => bytes[i] === byte)));
  const told = forms.find(({ types }) => types.some((one) => one === type));
  if (!form) {
    throw new RequestRefused(
      415,
      "scan-form-unknown",
      "The bytes begin neither as a TIFF nor as an NPY or NPZ file: send a scan's file as it is",
    );
  }
  if (told ? told !== form : !ANY.includes(type)) {
    throw new RequestRefused(
      415,
      "content-type-mismatch",
      `The content type is ${type}, and the bytes are those of a ${form.name} file: send ${
        form.types[0]
      } or application/octet-stream`,
    );
  }
}
