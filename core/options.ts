/** Options of plugins and stages: a schema is the one place of a bound, a default and a sentence of help. @module */
import { OptionsRefused } from "./errors.ts";

/** What the package asks of a zod 4 schema of options; in JSON Schema's form, `--help` and docs are made from it. */
export interface OptionsSchema<O> {
  /** The input with defaults filled in. @throws {Error} the schema's own error, with all problems */
  parse(input: unknown): O;
  /** The input with defaults filled in, or all problems with it. */
  safeParse(input: unknown): OptionsParsed<O>;
  /** The same schema as JSON Schema: types, bounds, defaults, a description of each option. */
  toJSONSchema(): object;
}

/** What {@linkcode OptionsSchema.safeParse} gives: the options, or where they are wrong and why. */
export type OptionsParsed<O> =
  | { readonly success: true; readonly data: O }
  | {
    readonly success: false;
    readonly error: { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] };
  };

/** `input` as the schema's output, defaults filled in, frozen. Called once, where options enter. @throws {OptionsRefused} with all problems */
export function parseOptions<O>(owner: string, schema: OptionsSchema<O>, input: unknown): Readonly<O> {
  const result = schema.safeParse(input);
  if (result.success) return Object.freeze(result.data);
  throw new OptionsRefused(
    owner,
    result.error.issues.map(({ path, message }) => ({ path: path.map(String).join(".") || "options", message })),
  );
}
