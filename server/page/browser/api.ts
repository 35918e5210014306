/** Asking the server: with the key where one is needed, again where it is busy, and with errors in words. @module */
/// <reference lib="dom" />
import type { Problem } from "../../schemas/problem_schema.ts";
import { readEvents, type ServerEvent } from "./event_stream.ts";

/** The server refused; the message is what it says. */
export class RequestFailed extends Error {
  /** HTTP status; 0 where the server could not be reached. */
  readonly status: number;
  /** Stable name of the error. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** What an API is opened with. */
export interface ApiOptions {
  /** The key that is kept; undefined where there is none. */
  readonly key: () => string | undefined;
  /** Asks for a key, with what the server said of the last one; rejects where none is given. */
  readonly askKey: (why: string) => Promise<unknown>;
  /** Is told that the server is busy, and for how many seconds nothing is asked of it; 0 when it was asked again. */
  readonly onWait: (seconds: number) => void;
}

/** Calls of the server. All throw {@linkcode RequestFailed}, and what the signal says where it was aborted. */
export interface Api {
  /** A document. */
  get<T>(path: string, signal?: AbortSignal): Promise<T>;
  /** Sends JSON, or a form as multipart, and gives what is answered. */
  send<T>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown, signal?: AbortSignal): Promise<T>;
  /** A file. */
  file(path: string, signal?: AbortSignal): Promise<Blob>;
  /** Events as they come. */
  events(path: string, signal?: AbortSignal): AsyncGenerator<ServerEvent>;
}

/** How often a busy server is asked again, and how long is waited where it does not say. */
const TRIES = 40, SECONDS = 2;

/** Opens the calls. */
export function openApi(options: ApiOptions): Api {
  const ask = (path: string, init: RequestInit = {}) => answered(path, init, options);
  return {
    get: async (path, signal) => await (await ask(path, { signal })).json(),
    async send(method, path, body, signal) {
      const form = body instanceof FormData;
      const answer = await ask(path, {
        method,
        signal,
        ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) }),
        ...(body === undefined || form ? {} : { headers: { "Content-Type": "application/json" } }),
      });
      const text = await answer.text();
      return text === "" ? undefined : JSON.parse(text);
    },
    file: async (path, signal) => await (await ask(path, { signal })).blob(),
    async *events(path, signal) {
      const { body } = await ask(path, { signal, headers: { Accept: "text/event-stream" } });
      if (body) yield* readEvents(body);
    },
  };
}

async function answered(path: string, init: RequestInit, { key, askKey, onWait }: ApiOptions): Promise<Response> {
  for (let tries = 1;; tries++) {
    const headers = new Headers(init.headers), held = key();
    if (held !== undefined) headers.set("Authorization", `Bearer ${held}`);
    const answer = await fetch(path, { ...init, headers }).catch((error) => {
      if (init.signal?.aborted) throw error;
      throw new RequestFailed(0, "unreachable", "The server cannot be reached: see whether it runs, then try again");
    });
    if (answer.ok) return answer;
    const failed = await failureOf(answer);
    if (answer.status === 401) await askKey(failed.message);
    else if ((answer.status === 429 || answer.status === 503) && tries < TRIES) {
      const seconds = waitOf(answer.headers.get("Retry-After"));
      onWait(seconds);
      await pause(seconds, init.signal ?? undefined);
      onWait(0);
    } else throw failed;
  }
}

/** Seconds of a `Retry-After`, which may be a date. */
export function waitOf(header: string | null, now: number = Date.now()): number {
  if (header === null) return SECONDS;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isFinite(seconds) ? Math.min(120, Math.max(1, Math.ceil(seconds))) : SECONDS;
}

async function failureOf(answer: Response): Promise<RequestFailed> {
  const problem: Partial<Problem> = await answer.json().catch(() => ({}));
  const issues = (problem.issues ?? []).map(({ path, message }) => `${path}: ${message}`);
  const words = [problem.detail ?? `The server answered ${answer.status} ${answer.statusText}`, ...issues];
  return new RequestFailed(answer.status, problem.code ?? "unknown", words.join("; "));
}

/** Waits, or rejects at once when the signal is aborted. */
function pause(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, 1000 * seconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
