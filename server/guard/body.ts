/** Bodies of requests, bounded in size and in time. @module */
import { RequestRefused } from "../errors.ts";

/** How much and how slowly. */
export interface BodyBounds {
  /** Most bytes. */
  readonly most: number;
  /** Most milliseconds without a byte; what comes more slowly than 8 kB a second is given four times as long. */
  readonly stallMs: number;
}

/** Bytes a millisecond, on the average: what drips more slowly holds memory and a connection for nothing. */
const LEAST_RATE = 8;

/** So many times the longest pause is given to a body that comes more slowly. */
const PAUSES = 4;

/**
 * The whole body. It is read only as far as the bounds allow, whatever its headers say.
 * @throws {RequestRefused} `body-too-large`, `body-too-slow`, `body-missing`, `body-cut-off`
 */
export async function readBody(request: Request, { most, stallMs }: BodyBounds): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = () =>
    new RequestRefused(
      413,
      "body-too-large",
      `The body is larger than ${most} bytes: send less, or have the server started with a higher limit`,
    );
  const announced = Number(request.headers.get("Content-Length") ?? 0);
  if (announced > most) throw tooLarge();
  const reader = request.body?.getReader(), parts: Uint8Array[] = [];
  const began = performance.now();
  let length = 0;
  try {
    while (reader) {
      const part = await soonest(reader, stallMs);
      if (part.done) break;
      const seconds = (performance.now() - began) / 1000;
      if (1000 * seconds > PAUSES * stallMs + length / LEAST_RATE) {
        throw tooSlow(`${length} bytes of the body came in ${seconds.toFixed(0)} s`);
      }
      length += part.value.length;
      if (length > most) throw tooLarge();
      parts.push(part.value);
    }
  } catch (error) {
    await reader?.cancel().catch(() => {});
    throw error;
  }
  if (length === 0) throw new RequestRefused(400, "body-missing", "The request has no body");
  return joined(parts, length);
}

/** The next part of a body, or a refusal where none comes. */
async function soonest(reader: ReadableStreamDefaultReader<Uint8Array>, stallMs: number) {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(tooSlow(`No byte of the body came for ${stallMs / 1000} s`));
  }, stallMs);
  try {
    return await Promise.race([reader.read(), late]);
  } catch (cause) {
    if (cause instanceof RequestRefused) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RequestRefused(400, "body-cut-off", `The body ended before its time: ${why}`, {});
  } finally {
    clearTimeout(timer);
  }
}

const tooSlow = (problem: string) => new RequestRefused(408, "body-too-slow", problem);

function joined(parts: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
