/** What tells a set of scans from another: digests of their points, taken when they are loaded. @module */
import { digestOf } from "./digest.ts";
import type { NamedScan } from "./scan_source.ts";

/** Scans whose digests are known once they were loaded, and which then carry them. */
export interface DigestedScans {
  /** The same scans. */
  readonly scans: readonly NamedScan[];
  /** SHA-256 over the digests of these scans, in this order; all of them were loaded. */
  fingerprint(names: readonly string[]): Promise<string>;
  /** Which of these scans are copies of one before them, such as `train/003 of train/001`. */
  copies(names: readonly string[]): string[];
}

/** Takes the digest of each scan's points the first time that it is loaded. */
export function digestedScans(given: readonly NamedScan[]): DigestedScans {
  const digests = new Map<string, string>();
  return {
    scans: given.map((scan) => ({
      name: scan.name,
      load: async () => {
        const loaded = await scan.load(), { points } = loaded;
        let digest = digests.get(scan.name);
        if (digest === undefined) {
          digest = await digestOf(new Uint8Array(points.buffer as ArrayBuffer, points.byteOffset, points.byteLength));
          digests.set(scan.name, digest);
        }
        return { ...loaded, digest };
      },
    })),
    fingerprint: (names) => digestOf(new TextEncoder().encode(names.map((name) => digests.get(name)).join("\n"))),
    copies(names) {
      const first = new Map<string, string>(), copies: string[] = [];
      for (const name of names) {
        const digest = digests.get(name)!, original = first.get(digest);
        if (original === undefined) first.set(digest, name);
        else copies.push(`${name} of ${original}`);
      }
      return copies;
    },
  };
}
