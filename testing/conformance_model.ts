/** What a plugin keeps in its part of a model, compared. @module */
import { expect } from "./conformance_assert.ts";
import type { tinyFolder } from "./tiny_source.ts";

/** All tensors and facts as text, the same for the same content. */
export function modelText(folder: ReturnType<typeof tinyFolder>): string {
  const tensors = [...folder.tensors].map(([name, { shape, values }]) => {
    const bytes = new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
    return [name, values.constructor.name, shape, bytes.toHex()];
  });
  return JSON.stringify([tensors, folder.facts()]);
}

/** @throws {Error} where what tables say of a loaded plugin isn't what they said of the fitted one */
export function expectSameFacts(loaded: { readonly facts: object }, fitted: { readonly facts: object }): void {
  const found = JSON.stringify(loaded.facts), wanted = JSON.stringify(fitted.facts);
  expect(found === wanted, `the facts were ${wanted}, loaded ${found}`);
}
