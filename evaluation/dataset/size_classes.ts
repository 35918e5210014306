/** How much the scans of an augmented data set lack, from its manifest. @module */
import { z } from "zod";
import { FileMissing, type Storage } from "../../core/mod.ts";
import { SIZE_CLASSES, type SizeClass } from "./augmentation/options.ts";
import { folderOf } from "./layout.ts";
import { parseManifest } from "./parse_manifest.ts";

const FILE = "augmentation.json";

/** What is read of it; it says more. */
const schema = z.object({
  schema: z.literal("uni3dad.augment/1"),
  files: z.array(z.object({
    file: z.string().regex(/^test\/[^/]+\/xyz\/[^/]+\.[^./]+$/),
    sizeClass: z.enum(Object.keys(SIZE_CLASSES) as [SizeClass, ...SizeClass[]]),
  })),
});

/**
 * The class of each incomplete scan by its name, such as `missing/000`; undefined where the category is not an augmented one.
 * `category` is its folder in the storage, `""` or `"."` where the storage is the category itself. @throws {ManifestRefused}
 */
export async function sizeClasses(
  storage: Storage,
  category: string,
): Promise<ReadonlyMap<string, SizeClass> | undefined> {
  const folder = folderOf(category), place = folder === "" ? FILE : `${folder}/${FILE}`;
  let bytes: Uint8Array;
  try {
    bytes = await storage.read(place);
  } catch (error) {
    if (error instanceof FileMissing) return undefined;
    throw error;
  }
  const { files } = parseManifest(bytes, schema, `"${place}" in ${storage.label}`);
  return new Map(
    files.map(({ file, sizeClass }) => [file.replace(/^test\/([^/]+)\/xyz\/(.*)\.[^.]*$/, "$1/$2"), sizeClass]),
  );
}
