import { deepEqual } from "node:assert/strict";
import { temporaryFolder } from "../../tests/run_deno.ts";
import { openStore } from "./store.ts";

Deno.test("settings of a model are set one by one, taken back, and forgotten", () => {
  using folder = temporaryFolder();
  using store = openStore(`${folder.path}/s.sqlite`);
  const { settings } = store, nothing = { active: true, threshold: null, alpha: null };
  deepEqual(settings.get("cable"), nothing);
  deepEqual(settings.set("cable", { threshold: 0.1 + 0.2 }), { ...nothing, threshold: 0.1 + 0.2 });
  deepEqual(settings.set("cable", { active: false, alpha: 0.01 }), {
    active: false,
    threshold: 0.1 + 0.2,
    alpha: 0.01,
  });
  deepEqual(settings.set("cable", {}), settings.get("cable"));
  deepEqual(settings.set("cable", { threshold: null }), { active: false, threshold: null, alpha: 0.01 });
  deepEqual(settings.set("cable", { threshold: 0 }).threshold, 0, "0 is a threshold");
  deepEqual(settings.get("other"), nothing);
  settings.forget("cable");
  deepEqual(settings.get("cable"), nothing);
});
