/** Named tensors with their facts in one safetensors file. @module */
import { FileTooLarge, MalformedFile, readSafetensors, UnsupportedFile, writeSafetensors } from "../formats/mod.ts";
import { digestOf } from "./digest.ts";
import { ModelRefused } from "./errors.ts";
import type { ModelFolder, Tensor } from "./model_folder.ts";
import type { Refuse } from "./model_index.ts";
import type { Storage } from "./storage.ts";
import { folderInto, folderOver } from "./tensor_folder.ts";
import { VERSION } from "./version.ts";

/**
 * Writes what `fill` keeps: the tensors as such, the facts as JSON in the file's metadata, beside them the SHA-256 of the file as it would be
 * without it. The same content gives the same bytes.
 */
export async function writeTensorFile(
  storage: Storage,
  name: string,
  fill: (folder: ModelFolder) => void,
): Promise<void> {
  const tensors = new Map<string, Tensor>(), folder = folderInto(tensors);
  fill(folder);
  const metadata = { uni3dad: VERSION, facts: JSON.stringify(folder.facts()) };
  const sha256 = await digestOf(writeSafetensors(tensors, metadata));
  await storage.write(name, writeSafetensors(tensors, { ...metadata, sha256 }));
}

/** Opens what {@linkcode writeTensorFile} wrote. @throws {FileMissing} @throws {ModelRefused} for a file that is damaged, cut short or of another kind */
export async function readTensorFile(storage: Storage, name: string): Promise<ModelFolder> {
  const refuse: Refuse = (what, expected, found) => {
    throw new ModelRefused(storage.label, what, expected, found);
  };
  const { tensors, metadata: { sha256, ...metadata } } = fileOf(await storage.read(name), name, refuse);
  if (sha256 === undefined || metadata.facts === undefined) {
    return refuse(`kind of ${name}`, "one with facts and a digest", "another");
  }
  const digest = await digestOf(writeSafetensors(tensors, metadata));
  if (digest !== sha256) refuse(`sha-256 of ${name}`, sha256, digest);
  return folderOver(tensors, JSON.parse(metadata.facts), refuse);
}

function fileOf(bytes: Uint8Array, name: string, refuse: Refuse): ReturnType<typeof readSafetensors> {
  try {
    return readSafetensors(bytes);
  } catch (cause) {
    const isOfFormat = cause instanceof MalformedFile || cause instanceof UnsupportedFile ||
      cause instanceof FileTooLarge;
    if (!isOfFormat) throw cause;
    return refuse(`file ${name}`, "a whole file of tensors", `damaged (${cause.message})`);
  }
}
