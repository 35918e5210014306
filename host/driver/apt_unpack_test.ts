import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { downloadBytes } from "./apt.ts";
import { aptUnpack, statusOf } from "./apt_unpack.ts";
import { fakeMachine } from "./fake_machine.ts";

Deno.test("downloadBytes() adds up the sizes of --print-uris lines and passes over other words", () => {
  const lines =
    "Reading lists...\n'http://x/a_1%3a2.deb' a_1%3a2_amd64.deb 1000 SHA256:aa\n'http://x/b.deb' b_1_amd64.deb 24 MD5Sum:bb\n";
  equal(downloadBytes(lines), 1024);
  equal(downloadBytes(""), 0);
});

Deno.test("statusOf() writes one installed package a paragraph", () => {
  match(
    statusOf(["libc6", "dpkg"], "arm64"),
    /^Package: libc6\nStatus: install ok installed\n[^]*Architecture: arm64\n[^]*\n\nPackage: dpkg\n[^]*\n\n$/,
  );
});

Deno.test("aptUnpack() works with lists and caches of its own, asks for each planned package, and refuses a plan without the driver", async () => {
  const cacheFolder = await Deno.makeTempDir();
  try {
    const machine = fakeMachine({
      has: ["apt-get", "dpkg-deb"],
      answer: (command, args, { folder }) => {
        if (command === "dpkg") return { stdout: "amd64\n" };
        if (args.includes("-s")) return { stdout: "Inst libz (1 x)\nInst mesa-vulkan-drivers (22 x)\nConf libz\n" };
        if (args.includes("download") && !args.includes("--print-uris")) {
          Deno.writeTextFileSync(`${folder}/libz_1_amd64.deb`, "");
        }
        if (command === "dpkg-deb") Deno.mkdirSync(args[2]);
        return {};
      },
    });
    await rejects(
      aptUnpack(machine, cacheFolder, () => {}),
      /Cannot find the driver: no package has a libvulkan_lvp\.so/,
    );
    const apt = machine.commands.filter((command) => command.startsWith("apt-get"));
    equal(apt.length, 4);
    for (const command of apt) match(command, /Dir::State::Lists=\S+\.partial\/work\/lists .*Debug::NoLocking=1/);
    match(apt[3], / download libz mesa-vulkan-drivers$/);
    deepEqual([...Deno.readDirSync(`${cacheFolder}/drivers`)], []);
  } finally {
    await Deno.remove(cacheFolder, { recursive: true });
  }
});
