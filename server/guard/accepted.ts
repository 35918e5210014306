/** What form of an answer its asker likes best. @module */
import { type Accept, parseAccept } from "hono/utils/accept";

/**
 * Of `types` the one to which the `Accept` header gives most weight, of several the first, and the first of all where there is no header;
 * undefined where none is welcome. The weight of a type is that of the range that names it most closely (RFC 9110, 12.5.1).
 */
export function acceptedType<T extends string>(header: string | undefined, types: readonly T[]): T | undefined {
  if (header === undefined || header.trim() === "") return types[0];
  const ranges = parseAccept(header);
  const weights = types.map((type) => weightOf(type, ranges)), most = Math.max(...weights);
  return most > 0 ? types[weights.indexOf(most)] : undefined;
}

function weightOf(type: string, ranges: readonly Accept[]): number {
  for (const range of [type, `${type.split("/")[0]}/*`, "*/*"]) {
    const found = ranges.find((one) => one.type.toLowerCase() === range);
    if (found) return found.q;
  }
  return 0;
}
