/** Reading `text/event-stream` from a fetch, as the browser's own reader can't send a key. @module */

/** One event of a stream. */
export interface ServerEvent {
  /** Its name; `message` where none was given. */
  readonly event: string;
  /** Its text, lines joined. */
  readonly data: string;
}

/** The events of a stream until it ends; what stands behind the last blank line was cut off and is left out. */
export async function* readEvents(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<ServerEvent> {
  let rest = "";
  for await (const text of textOf(stream)) {
    // a carriage return at the end may be half of a line's end
    const whole = rest + text, cut = whole.endsWith("\r") ? whole.length - 1 : whole.length;
    const blocks = whole.slice(0, cut).replace(/\r\n?/g, "\n").split("\n\n");
    rest = blocks.pop()! + whole.slice(cut);
    for (const block of blocks) {
      const event = eventOf(block);
      if (event) yield event;
    }
  }
}

/** The stream's text, part by part; a reader, as not every browser can walk a stream. */
async function* textOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    await reader.cancel().catch(() => {}); // whoever stops listening lets go of the connection
  }
}

/** The event of a block of lines; undefined where it has no data, as comments that keep a connection open. */
function eventOf(block: string): ServerEvent | undefined {
  const fields = block.split("\n").map((line) => /^([^:]*)(?:: ?([\s\S]*))?$/.exec(line)!);
  const valuesOf = (name: string) => fields.filter((field) => field[1] === name).map((field) => field[2] ?? "");
  const data = valuesOf("data");
  return data.length === 0 ? undefined : { event: valuesOf("event").at(-1) || "message", data: data.join("\n") };
}
