/** What was set of models without a refit. @module */
import type { ModelSettings } from "../schemas/model_schema.ts";
import type { Connection } from "./connection.ts";

/** Settings of a model, whole. */
export type KeptSettings = Required<ModelSettings>;

/** Settings by the model's name. */
export interface Settings {
  /** Those of a model; active and without wishes where nothing was set. */
  get(model: string): KeptSettings;
  /** Sets what is given, leaves the rest, and gives all. */
  set(model: string, settings: ModelSettings): KeptSettings;
  /** Forgets what was set, as when the model goes. */
  forget(model: string): void;
}

/** Settings in the tables of a store. */
export function openSettings(connection: Connection): Settings {
  const one = connection.prepare<{ active: number; threshold: number | null; alpha: number | null }>(
    "SELECT active, threshold, alpha FROM settings WHERE model = $model",
  );
  const put = connection.prepare("INSERT OR REPLACE INTO settings VALUES ($model, $active, $threshold, $alpha)");
  const remove = connection.prepare("DELETE FROM settings WHERE model = $model");
  const get = (model: string): KeptSettings => {
    const row = one.get({ model });
    return row ? { ...row, active: row.active === 1 } : { active: true, threshold: null, alpha: null };
  };

  return {
    get,
    set: (model, { active, threshold, alpha }) =>
      connection.write(() => {
        const before = get(model);
        const settings = {
          active: active ?? before.active,
          threshold: threshold === undefined ? before.threshold : threshold, // null is a wish: back to the calibrated one
          alpha: alpha === undefined ? before.alpha : alpha,
        };
        put.run({ model, ...settings, active: Number(settings.active) });
        return settings;
      }),
    forget: (model) => void remove.run({ model }),
  };
}
