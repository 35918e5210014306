/** `deno task plugins` @module */
import { Command } from "commander";
import { missingOptions, prepareOptions } from "../core/mod.ts";
import { builtIn } from "../plugins/mod.ts";
import { exit } from "./exit.ts";

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** The verb `plugins`: names, presets and options, straight from their schemas. */
export function plugins(_signal: AbortSignal, finish: (code: number) => void): Command {
  return new Command("plugins")
    .description("List the plugins with their presets and options")
    .option("--json", "one JSON document on standard output")
    .action(({ json }: { json?: boolean }) => {
      const document = {
        schema: "uni3dad.plugins/1",
        prepare: prepareOptions.toJSONSchema(),
        missing: missingOptions.toJSONSchema(),
        plugins: builtIn.plugins.map(({ kind, name, version, api, presets, options }) => ({
          kind,
          name,
          version,
          api,
          presets,
          options: options.toJSONSchema(),
        })),
      };
      if (json) console.log(JSON.stringify(document, null, 2));
      else {
        const said = [
          ["prepare: how a scan is made ready", ...lines("prepare", document.prepare as JsonSchema)],
          ["missing: what of a reconstruction counts as missing", ...lines("missing", document.missing as JsonSchema)],
          ...document.plugins.map(({ kind, name, version, presets, options }) => [
            `${kind} ${name} ${version}, presets ${Object.keys(presets).join(", ")}`,
            ...lines(kind, options as JsonSchema),
          ]),
        ];
        console.log(said.map((block) => block.join("\n")).join("\n\n"));
      }
      finish(exit.ok);
    });
}

function lines(path: string, schema: JsonSchema): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, option]) => {
    if (option.properties) return lines(`${path}.${name}`, option);
    const values = option.enum
      ? option.enum.join("|")
      : `${option.type ?? "value"}${option.minimum !== undefined ? ` ${option.minimum}..${option.maximum}` : ""}`;
    return [`  ${path}.${name}  (${values}; ${JSON.stringify(option.default)})  ${option.description ?? ""}`];
  });
}
