/** WGSL with loops written out, where a driver would not unroll them. @module */

/**
 * The text with each line that holds a marker repeated for all numbers from 0 below the marker's count. Markers are a `#` and a letter; of
 * several in one line, that which `counts` names first changes slowest. A driver keeps long private arrays in memory, but named scalars in
 * registers, so tiles of sums are written with markers: `#r` and `#c` of `s#r_#c += x#r * w#c;`.
 */
export function unrolled(wgsl: string, counts: Readonly<Record<string, number>>): string {
  return wgsl.split("\n").flatMap((line) =>
    Object.entries(counts).reduce(
      (lines, [letter, count]) =>
        lines.flatMap((text) =>
          text.includes(`#${letter}`)
            ? Array.from({ length: count }, (_, i) => text.replaceAll(`#${letter}`, String(i)))
            : [text]
        ),
      [line],
    )
  ).join("\n");
}
