import { throws } from "node:assert/strict";
import { assertScanForm } from "./scan_form.ts";

const text = (words: string) => new TextEncoder().encode(words);
const forms = {
  "a little-endian TIFF": { bytes: text("II*\0rest"), type: "image/tiff" },
  "a big-endian TIFF": { bytes: text("MM\0*rest"), type: "image/tiff" },
  "a little-endian BigTIFF": { bytes: text("II+\0rest"), type: "image/tiff" },
  "a big-endian BigTIFF": { bytes: text("MM\0+rest"), type: "image/tif" },
  "an NPY file": { bytes: Uint8Array.of(0x93, ...text("NUMPY\x01\0")), type: "application/x-npy" },
  "an NPZ file": { bytes: text("PK\x03\x04"), type: "application/x-npz" },
};

for (const [name, { bytes, type }] of Object.entries(forms)) {
  Deno.test(`assertScanForm() takes ${name} under its own type and under none, and refuses it under another's`, () => {
    for (const told of [type, type.toUpperCase(), `${type}; version=1`, "application/octet-stream", ""]) {
      assertScanForm(bytes, told);
    }
    const others = Object.values(forms).map((form) => form.type).filter((other) =>
      other.slice(0, 9) !== type.slice(0, 9)
    );
    for (const told of ["text/plain", "application/json", "image/png", ...others]) {
      throws(() => assertScanForm(bytes, told), { code: "content-type-mismatch", status: 415 }, told);
    }
  });
}

Deno.test("assertScanForm() refuses what begins as no scan does", () => {
  const magic = Object.values(forms).map(({ bytes }) => bytes);
  for (
    const bytes of [
      text(""),
      text("I"),
      text("II, said he"),
      text("MMXXVI"),
      text("\0II*\0"),
      text("\x89PNG"),
      text("<svg"),
    ]
  ) {
    throws(() => assertScanForm(bytes, ""), { code: "scan-form-unknown", status: 415 });
  }
  for (const bytes of magic) {
    throws(() => assertScanForm(bytes.subarray(0, 3), ""), { code: "scan-form-unknown" });
    throws(() => assertScanForm(bytes.toReversed(), "image/tiff"), { code: "scan-form-unknown" });
  }
});
