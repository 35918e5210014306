import { equal, rejects } from "node:assert/strict";
import { temporaryFolder } from "../../tests/run_deno.ts";
import { allowedFile, allowedFolder, isBelow } from "./allowed_folder.ts";

/** `allowed/scans/` with a file, `allowed-not/`, and links in and out of what is allowed. */
function folders() {
  const folder = temporaryFolder(), path = Deno.realPathSync(folder.path);
  for (const name of ["allowed/scans", "allowed-not", "secret"]) Deno.mkdirSync(`${path}/${name}`, { recursive: true });
  folder.put("allowed/scans/a.tiff", "");
  Deno.symlinkSync(`${path}/secret`, `${path}/allowed/out`);
  Deno.symlinkSync(`${path}/allowed/scans`, `${path}/allowed/in`);
  Deno.symlinkSync(`${path}/allowed`, `${path}/door`);
  return { path, roots: [`${path}/allowed`], [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

Deno.test("allowedFolder() gives the real path of a root and of what lies below it", async () => {
  using made = folders();
  const { path, roots } = made;
  for (
    const [asked, real] of [
      ["allowed", "allowed"],
      ["allowed/", "allowed"],
      ["allowed/scans", "allowed/scans"],
      ["allowed/./scans/../scans", "allowed/scans"],
      ["secret/../allowed/scans", "allowed/scans"],
      ["allowed/in", "allowed/scans"],
      ["door/scans", "allowed/scans"],
    ]
  ) equal(await allowedFolder(`${path}/${asked}`, roots), `${path}/${real}`, asked);
});

Deno.test("allowedFolder() lets no path lead elsewhere, and does not tell what is there", async () => {
  using made = folders();
  const { path, roots } = made, messages = new Set<string>();
  for (
    const asked of [
      `${path}/secret`,
      `${path}/allowed/../secret`,
      `${path}/allowed/out`,
      `${path}/allowed-not`,
      `${path}/nowhere`,
      `${path}/allowed/nowhere`,
      `${path}/allowed/scans/a.tiff`,
      path,
      "/",
      "",
      ".",
      "scans",
      `${path}/allowed\0`,
      `${path}/allowed/${"a".repeat(5000)}`,
      `file://${path}/allowed`,
    ]
  ) {
    await rejects(allowedFolder(asked, roots), ({ code, status, message }) => {
      equal(`${code} ${status}`, "folder-refused 403");
      messages.add(message.replace(JSON.stringify(asked), "it"));
      return true;
    }, asked);
  }
  equal(messages.size, 1, [...messages].join());
});

Deno.test("allowedFolder() allows none where none is named", async () => {
  using made = folders();
  await rejects(allowedFolder(`${made.path}/allowed`, []), { code: "folder-refused", message: /--allow-folder/ });
});

Deno.test("allowedFile() follows links, but not out of what is allowed", async () => {
  using made = folders();
  const { path, roots } = made, scans = `${path}/allowed/scans`;
  Deno.writeTextFileSync(`${path}/secret/key`, "");
  for (const [name, to] of [["own", "a.tiff"], ["far", `${path}/secret/key`], ["none", "b.tiff"]]) {
    Deno.symlinkSync(to, `${scans}/${name}`);
  }
  for (const name of ["a.tiff", "own", "../in/a.tiff"]) equal(await allowedFile(scans, name, roots), `${scans}/a.tiff`);
  for (const name of ["far", "none", "../out/key", "../../secret/key"]) {
    await rejects(allowedFile(scans, name, roots), { code: "folder-refused", status: 403 }, name);
  }
});

Deno.test("isBelow() takes a root for a folder, not for the beginning of a name", () => {
  for (
    const [path, root, below] of [["/a/b", "/a", true], ["/a", "/a", false], ["/ab", "/a", false], [
      "/a/b",
      "/",
      true,
    ]] as const
  ) {
    equal(isBelow(path, [root]), below, `${path} ${root}`);
  }
  equal(isBelow("/b/c", ["/a", "/b"]), true);
  equal(isBelow("/b/c", []), false);
});
