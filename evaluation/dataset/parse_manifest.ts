/** Reading a manifest: bytes to what its schema says. @module */
import type { z } from "zod";
import { ManifestRefused } from "./errors.ts";

/** Parses JSON and checks it; `place` is where it comes from, for messages. @throws {ManifestRefused} */
export function parseManifest<S extends z.ZodType>(bytes: Uint8Array, schema: S, place: string): z.output<S> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ManifestRefused(place, `it is not JSON (${cause instanceof Error ? cause.message : cause})`, { cause });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  throw new ManifestRefused(place, `${path.map(String).join(".") || "all of it"}: ${message}`);
}
