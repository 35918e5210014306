/** The rows of `tables`: each branch alone, and each pair of branches with each fuser. @module */
import {
  digestOf,
  type Method,
  type MethodOverrides,
  missingPresets,
  OptionsRefused,
  preparePresets,
  type Registry,
  resolveMethod,
  UnknownName,
} from "../core/mod.ts";

/** What a row's map is: one branch's, or both joined. */
export type RowKind = "feature" | "missing" | "fused";

/** A row: what is measured, and how cells call it. */
export interface TableRow {
  /** `fpfh`, `nearest-normal`, or `fpfh+nearest-normal/mean-std`. */
  readonly method: string;
  /** Name of the option set. */
  readonly preset: string;
  /** What its map is. */
  readonly kind: RowKind;
  /** A method with both branches, of which the row may be one alone. */
  readonly of: Method;
  /** The same for all rows whose branches are the same: they share maps. */
  readonly pair: string;
  /** The rows of its branches alone; none of a branch. */
  readonly branches: readonly TableRow[];
  /** Whether its fuser is fitted by labelled scans. */
  readonly byLabels: boolean;
}

/** What to measure. */
export interface RowsWanted {
  /** Names of methods; a reconstructor's name stands for its branch alone. All that the plugins make where it is absent. */
  readonly methods?: readonly string[];
  /** Names of option sets; of all methods, those are left out that have none of the name. */
  readonly presets: readonly string[];
  /** Changes to each of them. */
  readonly overrides?: MethodOverrides;
}

/**
 * The rows: extractors, reconstructors, then pairs with their fusers. A pair's branches are rows whether they are asked for or not, once
 * each, however many pairs have them. @throws {UnknownName} @throws {OptionsRefused}
 */
export async function tableRows(wanted: RowsWanted, registry: Registry): Promise<TableRow[]> {
  const branches = new Map<string, TableRow>(), fused: TableRow[] = [];
  for (const { method, kinds } of methodsOf(wanted, registry)) {
    const pair = await pairOf(method);
    const rows: TableRow[] = [];
    for (const kind of ["feature", "missing"] as const) {
      const key = `${kind} ${await branchOf(method, kind)}`;
      const row = branches.get(key) ?? branchRow(method, kind, pair);
      if (kinds.includes(kind)) branches.set(key, row);
      rows.push(row);
    }
    if (!kinds.includes("fused")) continue;
    const { name, preset, fuser, options } = method, byLabels = fuser!.examples?.(options.fuser!) === "labelled";
    fused.push({ method: name, preset, kind: "fused", of: method, pair, branches: rows, byLabels });
  }
  const alone = [...branches.values()], ofKind = (kind: RowKind) => alone.filter((row) => row.kind === kind);
  return [...ofKind("feature"), ...ofKind("missing"), ...fused];
}

/** A method with both branches, and which rows it is taken for. */
interface WantedMethod {
  readonly method: Method;
  readonly kinds: readonly RowKind[];
}

function methodsOf({ methods, presets, overrides }: RowsWanted, registry: Registry): WantedMethod[] {
  const names = methods ?? allNames(registry), found: WantedMethod[] = [];
  let strange: UnknownName | undefined;
  for (const preset of presets) {
    const before = found.length;
    for (const name of names) {
      try {
        found.push(wantedMethod(name, preset, registry, overrides));
      } catch (error) {
        if (methods || !(error instanceof UnknownName)) throw error;
        strange = error; // of all methods, some have no such preset
      }
    }
    if (found.length === before && strange) throw strange;
  }
  return found;
}

const namesOf = ({ plugins }: Registry, kind: string) => [
  ...new Set(plugins.filter((plugin) => plugin.kind === kind).map(({ name }) => name)),
];

function allNames(registry: Registry): string[] {
  const [extractors, reconstructors, fusers] = ["extractor", "reconstructor", "fuser"].map((kind) =>
    namesOf(registry, kind)
  );
  return extractors.flatMap((extractor) =>
    reconstructors.flatMap((reconstructor) => fusers.map((fuser) => `${extractor}+${reconstructor}/${fuser}`))
  );
}

/** A branch alone is measured as a part of the first pair that has it; its maps are the same in each. */
function wantedMethod(
  name: string,
  preset: string,
  registry: Registry,
  overrides: MethodOverrides = {},
): WantedMethod {
  if (name.includes("+")) {
    return {
      method: resolveMethod(name, preset, registry, overrides),
      kinds: ["feature", "missing", "fused"],
    };
  }
  const [[extractor], [reconstructor], [fuser]] = ["extractor", "reconstructor", "fuser"].map((kind) =>
    namesOf(registry, kind)
  );
  if (!extractor || !reconstructor || !fuser) {
    throw new OptionsRefused(name, [{ path: "method", message: "tables need a plugin of each kind" }]);
  }
  const { fuser: _joins, ...ofBranches } = overrides;
  const isReconstructor = namesOf(registry, "reconstructor").includes(name);
  const whole = isReconstructor ? `${extractor}+${name}/${fuser}` : `${name}+${reconstructor}/${fuser}`;
  return {
    method: resolveMethod(whole, preset, registry, ofBranches),
    kinds: [isReconstructor ? "missing" : "feature"],
  };
}

function branchRow(of: Method, kind: "feature" | "missing", pair: string): TableRow {
  const { preset, extractor, reconstructor } = of;
  const owners = kind === "feature"
    ? [extractor.presets, preparePresets]
    : [reconstructor!.presets, missingPresets, preparePresets];
  return {
    method: kind === "feature" ? extractor.name : reconstructor!.name,
    preset: owners.some((presets) => Object.hasOwn(presets, preset)) ? preset : "default",
    kind,
    of,
    pair,
    branches: [],
    byLabels: false,
  };
}

const textDigest = (value: unknown) => digestOf(new TextEncoder().encode(JSON.stringify(value)));

/** What a branch's maps depend on besides the scans. */
function branchOf({ extractor, reconstructor, options }: Method, kind: "feature" | "missing"): Promise<string> {
  const { name, version } = kind === "feature" ? extractor : reconstructor!;
  const own = kind === "feature" ? options.extractor : [options.reconstructor, options.missing];
  return textDigest([name, version, options.prepare, own]);
}

async function pairOf(method: Method): Promise<string> {
  return await textDigest([await branchOf(method, "feature"), await branchOf(method, "missing")]);
}
