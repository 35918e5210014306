/** Words in colour: decisions, verdicts, states. @module */
/// <reference lib="dom" />
import { el } from "./dom.ts";

/** A word on a ground whose colour says its kind; the word alone says it too. */
export const badge = (kind: string, words: string = kind): HTMLElement => el("span", { class: `badge ${kind}` }, words);

/** What went wrong, in words. */
export const errorNote = (message: string): HTMLElement => el("p", { class: "note bad", role: "alert" }, message);

/** Message of anything thrown. */
export const messageOf = (error: unknown): string => error instanceof Error ? error.message : String(error);
