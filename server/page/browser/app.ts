/** What every view of the page works with. @module */
/// <reference lib="dom" />
import type { z } from "zod";
import type { serverSchema } from "../../schemas/server_schema.ts";
import type { Api } from "./api.ts";
import type { FileExchange } from "./file_exchange.ts";
import type { Route } from "./route.ts";

/** What the server says of itself. */
export type ServerFacts = z.output<typeof serverSchema>;

/** The open page. */
export interface App {
  /** Calls of the server. */
  readonly api: Api;
  /** What it is, and what it takes. */
  readonly server: ServerFacts;
  /** Choices that outlast a view, and a reload: the model to score with, the unit of files. */
  readonly choices: Choices;
  /** Files on their way to be scored. */
  readonly files: FileExchange;
  /** Tells who listens rather than looks. */
  announce(words: string): void;
  /** Shows another view; with `replace` the one before is not gone back to. */
  go(route: Route, how?: "replace"): void;
}

/** Choices kept for this tab. */
export interface Choices {
  /** The kept choice of this name. */
  get(name: "model" | "unit"): string | undefined;
  /** Keeps it. */
  set(name: "model" | "unit", value: string): void;
}

/** Fills a place of the page and gives the title of what it shows. The signal is aborted when another view comes. */
export type View = (app: App, place: HTMLElement, signal: AbortSignal) => Promise<string>;
