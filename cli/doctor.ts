/** `deno task doctor` @module */
import { Command } from "commander";
import { doctorText, examine } from "../host/mod.ts";
import { exit } from "./exit.ts";
import { openFor, type RunSettings, withRunOptions } from "./settings.ts";

/** The verb `doctor`. */
export function doctor(signal: AbortSignal, finish: (code: number) => void): Command {
  return withRunOptions(new Command("doctor").description("Examine adapter, driver and kernels, and give advice"))
    .action(async (settings: RunSettings) => {
      using run = await openFor(settings, signal);
      const document = await examine(run);
      console.log(settings.json ? JSON.stringify(document, null, 2) : doctorText(document));
      finish(document.kernels.every(({ ok }: { ok: boolean }) => ok) ? exit.ok : exit.fault);
    });
}
