import { deepEqual, equal } from "node:assert/strict";
import { runDeno, temporaryFolder } from "./run_deno.ts";
import { closingLine, tallyOf } from "./tally.ts";

const passing = 'Deno.test("a <b> & \\"c\\"", async (t) => { await t.step("inside", () => {}); });\n';
const mixed = `Deno.test.ignore("left out", () => {});
Deno.test("goes wrong <skipped/>", () => { throw new Error("<skipped/> </testcase>"); });\n`;

/** The counts of a real run of these test files. */
async function tallied(
  files: Readonly<Record<string, string>>,
  more: readonly string[] = ["--no-check"],
  filter?: string,
) {
  using folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) folder.put(name, text);
  const report = `${folder.path}/junit.xml`;
  const args = ["test", "--no-config", `--junit-path=${report}`, ...more];
  if (filter !== undefined) args.push(`--filter=${filter}`);
  const { code, stdout } = await runDeno(args, folder.path);
  const junit = await Deno.readTextFile(report).catch(() => undefined);
  return tallyOf({ junit, output: stdout, code, filter });
}

Deno.test("tallyOf() counts tests and their steps, failures and ignored ones", async () => {
  deepEqual(await tallied({ "a_test.ts": passing }), { passed: 2, failed: 0, skipped: 0 });
  deepEqual(await tallied({ "a_test.ts": passing, "b_test.ts": mixed }), { passed: 2, failed: 1, skipped: 1 });
});

Deno.test("tallyOf() counts a module that fails outside its tests, and types that do not check", async () => {
  deepEqual(await tallied({ "a_test.ts": passing, "b_test.ts": 'throw new Error("outside");\n' }), {
    passed: 2,
    failed: 1,
    skipped: 0,
  });
  deepEqual(await tallied({ "a_test.ts": 'const a: number = "";\n' }, []), { passed: 0, failed: 1, skipped: 0 });
});

Deno.test("tallyOf() does not count what a filter leaves out", async () => {
  deepEqual(await tallied({ "a_test.ts": passing, "b_test.ts": mixed }, ["--no-check"], "left"), {
    passed: 0,
    failed: 0,
    skipped: 1,
  });
  deepEqual(await tallied({ "a_test.ts": passing, "b_test.ts": mixed }, ["--no-check"], "/^a <b/"), {
    passed: 2,
    failed: 0,
    skipped: 0,
  });
});

Deno.test("tallyOf() forgives a crash after Deno's closing line, and no other one", () => {
  const junit = '<testcase name="a" time="1"></testcase>', output = "ok | 1 passed | 0 failed (1s)\n";
  const failedOf = (run: Partial<Parameters<typeof tallyOf>[0]>) =>
    tallyOf({ junit, output, code: 134, signal: "SIGABRT", ...run }).failed;
  equal(failedOf({}), 0);
  equal(failedOf({ output: "a ... ok\n" }), 1);
  equal(failedOf({ output: "FAILED | 1 passed | 2 failed (1s)\n" }), 2);
  equal(failedOf({ junit: undefined }), 1);
  equal(failedOf({ code: 1, signal: null }), 1);
  equal(failedOf({ code: 137, signal: "SIGKILL" }), 1);
});

Deno.test("closingLine() is the line that ends the test command", () => {
  equal(closingLine({ passed: 3, failed: 2, skipped: 1 }), "3 passed, 2 failed, 1 skipped");
});
