/** Numbers in queries. @module */
import { z } from "zod";

/** A number that comes as text, by a schema that coerces. An empty text is no number, though JavaScript takes it for 0. */
export const queryNumber = <S extends z.ZodType>(schema: S): z.ZodPreprocess<S> =>
  z.preprocess((text) => typeof text === "string" && text.trim() === "" ? NaN : text, schema);
