/** The models that lie on the GPU: opened by name, the least recently used let go first. @module */
import { loadModel, type Model, type Run } from "../../core/mod.ts";
import { builtIn } from "../../plugins/mod.ts";
import { NoSuchModel } from "../errors.ts";
import { modelBytes, modelFiles } from "../model_files.ts";
import { modelNameSchema } from "../schemas/model_schema.ts";

/** Open models by name. Disposing lets all of them go. */
export interface LoadedModels extends Disposable {
  /** The model, opened where it is not open, or is not what lies on the disk any more. @throws {NoSuchModel} @throws {ModelRefused} */
  open(name: string): Promise<Model>;
  /** Lets it go. */
  forget(name: string): void;
  /** Lets all go, such as when their device is lost. */
  forgetAll(): void;
  /** The least recently used first. */
  readonly names: readonly string[];
}

interface Loaded {
  readonly model: Model;
  readonly bytes: number;
  /** Tells one state of its folder from another. */
  readonly stamp: string;
}

/** Models of `folder` within a budget of bytes, each weighed by its files; one alone may be larger. */
export function loadedModels(folder: string, memoryBytes: number, run: Run): LoadedModels {
  const loaded = new Map<string, Loaded>(); // in the order of use
  const forget = (name: string) => {
    loaded.get(name)?.model[Symbol.dispose]();
    loaded.delete(name);
  };
  const makeRoom = (bytes: number) => {
    const most = memoryBytes - bytes;
    let sum = loaded.values().reduce((sum, other) => sum + other.bytes, 0);
    for (const [name, other] of [...loaded]) {
      if (sum <= most) return;
      sum -= other.bytes;
      forget(name);
    }
  };
  const forgetAll = () => [...loaded.keys()].forEach(forget);
  return {
    async open(name) {
      const stamp = await stampOf(folder, name);
      const there = loaded.get(name);
      if (there?.stamp === stamp) {
        loaded.delete(name);
        loaded.set(name, there); // now the most recently used
        return there.model;
      }
      forget(name);
      const bytes = await modelBytes(folder, name);
      makeRoom(bytes);
      const model = await loadModel(modelFiles(folder, name), builtIn, {}, run);
      loaded.set(name, { model, bytes, stamp });
      return model;
    },
    forget,
    forgetAll,
    get names() {
      return [...loaded.keys()];
    },
    [Symbol.dispose]: forgetAll,
  };
}

async function stampOf(folder: string, name: string): Promise<string> {
  if (!modelNameSchema.safeParse(name).success) throw new NoSuchModel(name);
  const index = await Deno.stat(`${folder}/${name}/model.json`).catch(() => undefined);
  if (!index?.isFile) throw new NoSuchModel(name);
  return [index.mtime?.getTime(), index.size, index.ino].join();
}
