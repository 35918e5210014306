/** Options that verbs share, and what they mean. @module */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Method, MethodOverrides } from "../core/mod.ts";
import { methodParts, OptionsRefused, resolveMethod } from "../core/mod.ts";
import { DEFAULT_METHOD, loadPlugins, type OpenRun, openRun, openWords, type Words } from "../host/mod.ts";

/** Options of {@linkcode withRunOptions}. */
export interface RunSettings {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly seed: number;
  readonly memory: number;
  readonly download: boolean;
}

/** Options of {@linkcode withMethodOptions}. */
export interface MethodSettings {
  readonly method?: string;
  readonly extractor: readonly string[];
  readonly preset?: string;
  readonly background?: string;
  readonly size?: number;
  readonly trained?: string;
  readonly set: readonly (readonly [string, unknown])[];
}

/** Adds what every verb that computes understands. */
export function withRunOptions(command: Command): Command {
  return command
    .option("--json", "one JSON document on standard output")
    .option("--quiet", "say only what went wrong")
    .option("--verbose", "say more")
    .option("--seed <n>", "every random choice comes from it", wholeNumber, 0)
    .option("--memory <size>", "memory that a fit may use, such as 4GiB or 800MiB", bytes, 4 * 2 ** 30)
    .option("--no-download", "never bring a driver from the network");
}

/** Adds method, preset and changes to it; `leftOut` is what is taken where no method is named. */
export function withMethodOptions(command: Command, leftOut = DEFAULT_METHOD): Command {
  return command
    .option("--method <name>", `EXTRACTOR[+RECONSTRUCTOR/FUSER], such as fpfh; ${leftOut} when left out`)
    .option("--extractor <module>", "a plugin of your own, such as ./mine.ts; can be given again", another, [])
    .option("--preset <name>", "reference (published code), paper (published text) or default")
    .addOption(new Option("--background <way>", "what to do with the table").choices(["plane", "raw", "none"]))
    .option("--trained <folder>", "networks that `train` left, instead of training anew; of methods that train some")
    .option("--size <pixels>", "side of the maps", wholeNumber)
    .option(
      "--set <part.option=value>",
      "change one option, such as extractor.ratio=0.05; see `plugins`",
      assignment,
      [],
    );
}

/** What the command line changes of a preset. */
export function overridesOf({ background, size, set }: MethodSettings): MethodOverrides {
  const parts: Record<string, Record<string, unknown>> = { prepare: {}, extractor: {} };
  if (background !== undefined) parts.prepare.background = background;
  if (size !== undefined) parts.prepare.size = size;
  for (const [path, value] of set) {
    const [part, ...keys] = path.split(".");
    let at = parts[part] ??= {};
    for (const key of keys.slice(0, -1)) {
      const below = Object.hasOwn(at, key) ? at[key] : undefined;
      at = at[key] = (typeof below === "object" && below !== null ? below : {}) as Record<string, unknown>;
    }
    at[keys.at(-1)!] = value;
  }
  return parts;
}

/** The methods that the command line asks for, several names and presets separated by commas. @throws {UnknownName} @throws {OptionsRefused} */
export async function methodsOf(settings: MethodSettings): Promise<Method[]> {
  const { registry, first = DEFAULT_METHOD } = await loadPlugins(settings.extractor);
  const overrides = overridesOf(settings);
  return list(settings.method ?? first).flatMap((name) =>
    list(settings.preset ?? "default").map((preset) => resolveMethod(name, preset, registry, overrides))
  );
}

/** The one method that the command line asks for. @throws {UnknownName} @throws {OptionsRefused} for several */
export async function methodOf(settings: MethodSettings): Promise<Method> {
  const [method, ...others] = await methodsOf(settings);
  if (!method || others.length > 0) {
    throw new OptionsRefused("this verb", [{ path: "method", message: "it takes one method and one preset" }]);
  }
  return method;
}

/** @throws {OptionsRefused} where networks are given and no method takes any */
export function assertTakesTrained(methods: readonly Method[], { trained }: Pick<MethodSettings, "trained">): void {
  if (trained === undefined || methods.some(({ reconstructor }) => reconstructor?.takesTrained)) return;
  const names = [...new Set(methods.map(({ name }) => name))].join(", ");
  throw new OptionsRefused("this verb", [{ path: "trained", message: `${names}: no networks are trained there` }]);
}

/** The parts of a list with commas. */
export const list = (text: string): string[] =>
  text.split(",").map((part) => part.trim()).filter((part) => part !== "");

/** Words and a run, as asked for. The words are disposed with the run. */
export async function openFor(
  settings: RunSettings,
  signal: AbortSignal,
  { waitAtStages = false } = {},
): Promise<OpenRun & { readonly words: Words }> {
  const words = openWords(settings.quiet ? "quiet" : settings.verbose ? "verbose" : "normal");
  const { seed, memory, download } = settings;
  const run = await openRun({
    seed,
    memoryBytes: memory,
    download,
    waitAtStages,
    signal,
    log: words.log,
    progress: words.progress,
  });
  return Object.assign(run, { words });
}

/** A whole number from 0. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0 || text.trim() === "") {
    throw new InvalidArgumentError("It has to be a whole number from 0.");
  }
  return value;
}

/** A whole number from 1. */
export function atLeastOne(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError("It has to be a whole number from 1.");
  return value;
}

/** Fewest and most points of a shape: neighbourhoods need some, and the time to look for them grows with their square. */
const POINTS = [16, 32_768] as const;

/** Points of a generated shape. */
export function pointCount(text: string): number {
  const value = wholeNumber(text), [fewest, most] = POINTS;
  if (value < fewest || value > most) throw new InvalidArgumentError(`It has to be from ${fewest} to ${most}.`);
  return value;
}

/** Any finite number. */
export function number(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || text.trim() === "") throw new InvalidArgumentError("It has to be a number.");
  return value;
}

const LEAST_ROUNDS = 40; // 2.5 % of fewer is less than one

/** Rounds of the bootstrap, or 0 for none. */
export function rounds(text: string): number {
  const value = wholeNumber(text);
  if (value > 0 && value < LEAST_ROUNDS) throw new InvalidArgumentError(`It has to be 0 or at least ${LEAST_ROUNDS}.`);
  return value;
}

/** A size in bytes. */
export function bytes(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*(KiB|MiB|GiB|TiB)$/i.exec(text) ?? [];
  const power = ["kib", "mib", "gib", "tib"].indexOf(unit?.toLowerCase());
  if (power < 0) throw new InvalidArgumentError("It has to be a number and KiB, MiB, GiB or TiB, such as 4GiB.");
  return Math.floor(Number(amount) * 1024 ** (power + 1));
}

const another = (text: string, before: readonly string[]): readonly string[] => [...before, text];

function assignment(
  text: string,
  before: readonly (readonly [string, unknown])[],
): readonly (readonly [string, unknown])[] {
  const [, path, value] = /^(\w+(?:\.\w+)+)=(.*)$/s.exec(text) ?? [];
  if (path === undefined || !methodParts.some((part) => part === path.split(".")[0])) {
    throw new InvalidArgumentError(
      `It has to look like extractor.ratio=0.05 or prepare.keep=largest, the part one of ${methodParts.join(", ")}.`,
    );
  }
  let parsed: unknown = value;
  try {
    parsed = JSON.parse(value);
  } catch {
    // a word stands for itself
  }
  return [...before, [path, parsed]];
}
