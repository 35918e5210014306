/** How many tests passed, failed and were skipped: what Deno's own reports leave to be counted. @module */

/** Counts of tests. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What `deno test` left behind. */
export interface TestRun {
  /** Its JUnit file; undefined where it wrote none, as when types do not check. */
  readonly junit?: string;
  /** All that it said, without colours. */
  readonly output: string;
  readonly code: number;
  /** The signal that ended it. */
  readonly signal?: Deno.Signal | null;
  /** The filter it ran with: what that left out is not a skipped test. */
  readonly filter?: string;
}

/**
 * Counts test cases, steps of tests among them. A module that fails outside its tests is in Deno's closing line and not in its
 * JUnit file, so the larger count of failures is taken, and at least one where Deno says by its exit code that something failed.
 *
 * One crash is not a failure: a worker's thread that ends while the process's exit already takes the Vulkan driver's libraries down
 * finds its heap broken (seen with Deno 2.9.6 and Mesa 22.3, once in about 70 runs). By then Deno has written its reports.
 */
export function tallyOf({ junit = "", output, code, signal, filter }: TestRun): Tally {
  let passed = 0, failed = 0, skipped = 0;
  const wanted = matcherOf(filter);
  for (
    const [, name, inside = ""] of junit.matchAll(/<testcase name="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g)
  ) {
    if (/<(failure|error)\b/.test(inside)) failed++;
    else if (!/<skipped\b/.test(inside)) passed++;
    else if (wanted(unescaped(name))) skipped++;
  }
  const [, verdict, count] = /^(ok|FAILED) \|.*?(\d+) failed/m.exec(output) ?? [];
  const atExit = verdict === "ok" && junit !== "" && (signal === "SIGABRT" || signal === "SIGSEGV");
  return { passed, failed: Math.max(failed, Number(count ?? 0), code === 0 || atExit ? 0 : 1), skipped };
}

/** As `--filter` decides: a part of the name, or a regular expression between slashes. */
function matcherOf(filter: string | undefined): (name: string) => boolean {
  if (filter === undefined) return () => true;
  const [, expression] = /^\/(.*)\/$/s.exec(filter) ?? [];
  if (expression === undefined) return (name) => name.includes(filter);
  const pattern = new RegExp(expression);
  return (name) => pattern.test(name);
}

const unescaped = (text: string) =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&apos;", "'").replaceAll(
    "&amp;",
    "&",
  );

/** Both counts together. */
export const sumOf = (a: Tally, b: Tally): Tally => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

/** The line that ends the test command. */
export const closingLine = ({ passed, failed, skipped }: Tally): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;
