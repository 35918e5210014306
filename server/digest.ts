/** What tells one request from another. @module */

/** SHA-256 over the parts, each with its length, hexadecimal. */
export async function digestOf(parts: readonly (string | Uint8Array<ArrayBuffer>)[]): Promise<string> {
  const bytes = parts.map((part) => typeof part === "string" ? new TextEncoder().encode(part) : part);
  const whole = new Blob(bytes.flatMap((part) => [`${part.length}:`, part]));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await whole.arrayBuffer())).toHex();
}
