/**
 * HTTP over Node's server. Deno's own does not notice that a client has left once a body came in more than one piece, so that scans
 * nobody waits for would be scored. @module
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An open port. */
export interface Listening {
  /** Where it answers. */
  readonly url: string;
  /** Ends when it takes no connections any more. */
  readonly finished: Promise<void>;
  /** Takes no more connections, and ends when all answers are out, or could not be brought out in these milliseconds. */
  close(goodbyeMs: number): Promise<void>;
}

/** Answers a request; its signal is aborted when the client leaves before the answer is out. */
export type Answering = (request: Request) => Response | Promise<Response>;

/** Listens and answers. Rejects where it can't, in the system's words. */
export async function listen(hostname: string, port: number, answer: Answering): Promise<Listening> {
  const atWork = new Set<Promise<void>>();
  const server = createServer((incoming, outgoing) => {
    const work: Promise<void> = exchange(incoming, outgoing, answer).finally(() => atWork.delete(work));
    atWork.add(work);
  });
  const finished = new Promise<void>((end) => server.once("close", end));
  server.listen(port, hostname);
  await once(server, "listening"); // rejects on an error
  const { address, family, port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${bound}`,
    finished,
    async close(goodbyeMs) {
      server.close();
      server.closeIdleConnections();
      const late = setTimeout(() => server.closeAllConnections(), goodbyeMs);
      await Promise.all(atWork);
      clearTimeout(late);
      server.closeAllConnections();
      await finished;
    },
  };
}

/** One request and its answer; never rejects. */
async function exchange(incoming: IncomingMessage, outgoing: ServerResponse, answer: Answering): Promise<void> {
  const left = new AbortController();
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) left.abort();
  });
  try {
    const request = requestOf(incoming, left.signal);
    if (!request) {
      outgoing.writeHead(400, { Connection: "close" }).end();
      return;
    }
    const response = await answer(request);
    if (!incoming.complete) outgoing.shouldKeepAlive = false; // what it still sends is not worth being read
    await send(response, outgoing, incoming.method === "HEAD");
  } catch {
    outgoing.destroy(); // its answer broke off; what went wrong was told to the log by who made it
  }
}

function requestOf(incoming: IncomingMessage, signal: AbortSignal): Request | undefined {
  const { method = "GET", url = "/", headers: { host = "localhost" }, rawHeaders } = incoming;
  const address = URL.parse(url.startsWith("/") ? `http://${host}${url}` : url);
  if (!address) return undefined;
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i], rawHeaders[i + 1]);
  const body = method === "GET" || method === "HEAD" ? null : bodyOf(incoming);
  try {
    return new Request(address, { method, headers, body, signal });
  } catch {
    return undefined; // a method that the web's requests don't have
  }
}

/** A body that is read no faster than it is wanted. Cancelling it leaves the connection open for the answer. */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      const stop = (error: Error) => {
        incoming.removeAllListeners("data");
        controller.error(error);
      };
      incoming.on("data", (part: Uint8Array) => {
        controller.enqueue(new Uint8Array(part));
        if ((controller.desiredSize ?? 0) <= 0) incoming.pause();
      });
      incoming.once("end", () => controller.close());
      incoming.once("error", stop);
      incoming.once("close", () => {
        if (!incoming.complete) stop(new Error("the client left"));
      });
      incoming.pause();
    },
    pull: () => void incoming.resume(),
    cancel() {
      for (const event of ["data", "end", "error", "close"]) incoming.removeAllListeners(event);
      incoming.on("error", () => {}).resume(); // read on to nowhere
    },
  });
}

/** Sends an answer as fast as it is taken; with its length where it comes in one piece. */
async function send({ status, headers, body }: Response, outgoing: ServerResponse, headOnly: boolean): Promise<void> {
  outgoing.statusCode = status;
  for (const [name, value] of headers) outgoing.appendHeader(name, value);
  const reader = body?.getReader();
  if (!reader || headOnly) {
    await reader?.cancel();
    outgoing.end();
    return await done(outgoing);
  }
  const gone = () => void reader.cancel().catch(() => {});
  outgoing.once("close", gone);
  const first = await reader.read(), second = reader.read();
  if (first.done || (await Promise.race([second, soon()]))?.done) outgoing.end(first.value);
  else {
    outgoing.write(first.value);
    for (let part = await second; !part.done && !outgoing.destroyed; part = await reader.read()) {
      if (!outgoing.write(part.value)) await drained(outgoing);
    }
    outgoing.end();
  }
  await done(outgoing);
  outgoing.off("close", gone);
}

const soon = () => new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)));

const drained = (outgoing: ServerResponse) => outgoing.destroyed ? undefined : either(outgoing, "drain");

const done = async (outgoing: ServerResponse) => {
  if (!outgoing.writableFinished && !outgoing.destroyed) await either(outgoing, "finish");
};

/** Ends with the event, or when the client has left. */
const either = (outgoing: ServerResponse, event: "drain" | "finish") =>
  new Promise<void>((resolve) => {
    const end = () => {
      outgoing.off(event, end).off("close", end);
      resolve();
    };
    outgoing.once(event, end).once("close", end);
  });
