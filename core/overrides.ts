/** Changes to nested options: laying them over a whole set, and telling whether a set has them. @module */

/** Nested options by name. */
export type NestedOptions = Readonly<Record<string, unknown>>;

const isNested = (value: unknown): value is NestedOptions =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The base with the changes over it, object into object: what a change does not name keeps the base's value. */
export function withOverrides(base: NestedOptions, changes: NestedOptions = {}): NestedOptions {
  const entries = Object.entries(changes).map(([name, value]) => {
    const below = base[name];
    return [name, isNested(below) && isNested(value) ? withOverrides(below, value) : value];
  });
  return { ...base, ...Object.fromEntries(entries) };
}

/** The first option that the set has otherwise than wanted, as `a.b` and JSON; undefined where it has all that is wanted. */
export function firstDifference(
  options: NestedOptions,
  wanted: NestedOptions = {},
): { readonly path: string; readonly wanted: string; readonly found: string } | undefined {
  for (const [name, value] of Object.entries(wanted)) {
    const found = options[name];
    if (isNested(value) && isNested(found)) {
      const inside = firstDifference(found, value);
      if (inside) return { ...inside, path: `${name}.${inside.path}` };
    } else if (JSON.stringify(found) !== JSON.stringify(value)) {
      return { path: name, wanted: JSON.stringify(value), found: JSON.stringify(found) ?? "not there" };
    }
  }
  return undefined;
}
