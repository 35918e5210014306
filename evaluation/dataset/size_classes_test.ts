import { deepEqual, equal, rejects } from "node:assert/strict";
import { memoryStorage } from "../../core/mod.ts";
import { ManifestRefused } from "./errors.ts";
import { sizeClasses } from "./size_classes.ts";

const file = (document: unknown) => new TextEncoder().encode(JSON.stringify(document));
const manifest = {
  schema: "uni3dad.augment/1",
  seed: 7,
  files: [
    { file: "test/missing/xyz/000.tiff", sizeClass: "1-3", form: "end" },
    { file: "test/missing/xyz/a.b.tiff", sizeClass: "10-30" },
  ],
};

Deno.test("sizeClasses() gives the class of each scan by its name, in a category or a folder that is one", async () => {
  const wanted = new Map([["missing/000", "1-3"], ["missing/a.b", "10-30"]]);
  const inside = memoryStorage({ "bagel/augmentation.json": file(manifest) });
  deepEqual(await sizeClasses(inside, "bagel/"), wanted);
  equal(await sizeClasses(inside, "tire"), undefined);
  const whole = memoryStorage({ "augmentation.json": file(manifest) });
  for (const category of ["", "."]) deepEqual(await sizeClasses(whole, category), wanted);
});

Deno.test("sizeClasses() refuses a manifest that is not one, and says where", async () => {
  const [first] = manifest.files;
  for (
    const [bytes, words] of [
      [file(manifest).slice(1), /"augmentation.json" in .*: it is not JSON/],
      [file(null), /: all of it: /],
      [file({ ...manifest, schema: "uni3dad.augment/2" }), /: schema: /],
      [file({ ...manifest, files: [first, { ...first, sizeClass: "0-1" }] }), /: files\.1\.sizeClass: /],
      [file({ ...manifest, files: [{ ...first, file: "000.tiff" }] }), /: files\.0\.file: /],
    ] as const
  ) {
    await rejects(sizeClasses(memoryStorage({ "augmentation.json": bytes }), ""), (error: ManifestRefused) => {
      equal(error.code, "manifest-refused");
      return words.test(error.message);
    });
  }
});
