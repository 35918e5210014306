/** The first key, which no call can make. @module */
import type { Scope } from "./schemas/key_schema.ts";
import { openStore } from "./store/store.ts";

/** Makes a key in the state folder and gives it: the one time that it is seen. @throws {StoreUnwritable} @throws {StoreRefused} */
export function addKey(state: string, wanted: { readonly name: string; readonly scopes: Scope[] }): string {
  using store = openStore(`${state}/server.sqlite`);
  const { id, key } = store.keys.add(wanted);
  store.audit.add({ actor: "local", action: "key-made", target: id, detail: wanted });
  return key;
}
