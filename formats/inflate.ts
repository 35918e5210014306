/** Deflate streams into memory of a known size, through the platform's own decompressor. @module */
import { MalformedFile } from "./errors.ts";

/** No deflate stream grows by more: 258 bytes from 2 bits. What announces more is refused before memory is taken. */
export const DEFLATE_RATIO = 1032;

/** Where the stream stands, and how strict to be. */
export interface InflateOptions {
  /** Format and byte that an error names. */
  readonly format: string;
  readonly offset: number;
  /** `deflate` is zlib (RFC 1950), `deflate-raw` the bare stream (RFC 1951). Default `deflate`. */
  readonly wrapper?: "deflate" | "deflate-raw";
  /** `ignore` stops at the announced size and takes bytes behind a zlib stream as padding. Default `refuse`. */
  readonly surplus?: "refuse" | "ignore";
}

// A write gives all its output at once, so a bomb can cost SLICE * DEFLATE_RATIO bytes (17 MB) before it is seen.
const SLICE = 2 ** 14;

/**
 * Inflates `bytes` into `into`, which must come out exactly full. Ends as soon as the output passes that size.
 * @throws {MalformedFile} when the stream is damaged, ends early, or goes on
 */
export async function inflate(bytes: Uint8Array, into: Uint8Array, options: InflateOptions): Promise<void> {
  const { format, offset, wrapper = "deflate", surplus = "refuse" } = options;
  let pass = await feed(bytes, into, wrapper, 0, SLICE);
  if (surplus === "ignore" && wrapper === "deflate") {
    // Behind the stream's end the decompressor fails and drops what the same write had yielded: find the end byte by byte.
    for (const step of [512, 32, 1]) {
      const finer = step < bytes.length - pass.fed;
      if (pass.cause !== undefined && finer) pass = await feed(bytes, into, wrapper, pass.fed, step);
    }
    const { fed, filled, cause } = pass;
    if (cause !== undefined && filled === into.length && checksumStands(bytes, fed, into)) return;
  }
  const { filled, cause } = pass;
  if (cause !== undefined) {
    throw new MalformedFile(format, offset + pass.fed, "the deflate stream is damaged", { cause });
  }
  if (filled < into.length) {
    throw new MalformedFile(format, offset, `the deflate stream ends after ${filled} of ${into.length} bytes`);
  }
  if (pass.passed && surplus === "refuse") {
    throw new MalformedFile(format, offset, `the deflate stream goes on after the announced ${into.length} bytes`);
  }
}

/** `filled` bytes of output; `fed` bytes of input were taken without fault; `passed`: there was more output than room. */
type Pass = { filled: number; fed: number; passed: boolean; cause?: unknown };

/** One run over the input: in whole slices up to byte `sure`, in writes of `step` bytes from there. */
async function feed(bytes: Uint8Array, into: Uint8Array, wrapper: CompressionFormat, sure: number, step: number) {
  const { readable, writable } = new DecompressionStream(wrapper);
  const reader = readable.getReader(), writer = writable.getWriter();
  const pass: Pass = { filled: 0, fed: 0, passed: false };
  const write = async () => {
    while (pass.fed < bytes.length) {
      const end = pass.fed < sure ? Math.min(pass.fed + SLICE, sure) : Math.min(pass.fed + step, bytes.length);
      await writer.write(bytes.subarray(pass.fed, end) as Uint8Array<ArrayBuffer>);
      pass.fed = end;
    }
    await writer.close();
  };
  const writing = write().catch(() => {}); // the reader gets the same error
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const room = into.length - pass.filled;
      into.set(next.value.length > room ? next.value.subarray(0, room) : next.value, pass.filled);
      pass.filled += Math.min(room, next.value.length);
      if (next.value.length > room) {
        pass.passed = true;
        await reader.cancel();
        break;
      }
    }
  } catch (cause) {
    pass.cause = cause;
  }
  await writing;
  return pass;
}

/** Whether the 4 bytes before `end` are the Adler-32 (RFC 1950, section 8) of the output: then the stream was whole. */
function checksumStands(bytes: Uint8Array, end: number, output: Uint8Array): boolean {
  let a = 1, b = 0;
  for (let i = 0; i < output.length; i++) {
    a = (a + output[i]) % 65521;
    b = (b + a) % 65521;
  }
  return end >= 4 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(end - 4) === b * 65536 + a;
}
