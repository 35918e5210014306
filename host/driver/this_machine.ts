/** The machine this process runs on. @module */
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import type { CommandOptions, CommandResult, Machine } from "./machine.ts";
import { probeAdapter } from "./probe.ts";

/** Runs a command to its end. A command that cannot be started is one that failed. */
async function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const decoder = new TextDecoder();
  try {
    const { success, stdout, stderr } = await new Deno.Command(command, {
      args: [...args],
      cwd: options.folder,
      env: { ...options.env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    return { ok: success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  } catch (cause) {
    return { ok: false, stdout: "", stderr: cause instanceof Error ? cause.message : String(cause) };
  }
}

function load(library: string): string | undefined {
  try {
    Deno.dlopen(library, {}); // never closed: the loader and the driver find it by its soname
    return undefined;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

/** The real {@linkcode Machine}. */
export function thisMachine(): Machine {
  return {
    os: Deno.build.os,
    arch: Deno.build.arch,
    root: Deno.build.os !== "windows" && Deno.uid() === 0,
    temporaryFolder: tmpdir(),
    deno: Deno.execPath(),
    env: (name) => Deno.env.get(name),
    setEnv: (name, value) => Deno.env.set(name, value),
    hasCommand: (name) => (Deno.env.get("PATH") ?? "").split(":").some((folder) => existsSync(`${folder}/${name}`)),
    run,
    load,
    probe: probeAdapter,
  };
}
