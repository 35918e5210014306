/** In which order libraries are loaded. @module */

/**
 * The libraries that `roots` reach, each after all that it needs, so that loading one after the other never misses one. A name that
 * `needs` does not know (undefined) is left to the system. Among equals the order is that of `roots` and of each needs list; a
 * circle is broken where it was entered.
 */
export function libraryOrder(
  roots: readonly string[],
  needs: (name: string) => readonly string[] | undefined,
): string[] {
  const order: string[] = [], seen = new Set<string>();
  const visit = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    const needed = needs(name);
    if (!needed) return;
    needed.forEach(visit);
    order.push(name);
  };
  roots.forEach(visit);
  return order;
}
