/**
 * HTTP over Node's server. Deno's own does not notice that a client has left once a body came in more than one piece, so that scans
 * nobody waits for would be scored. @module
 */
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";

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
  const server = createAdaptorServer({ fetch: answer, overrideGlobalObjects: false }) as Server;
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
      await finished;
      clearTimeout(late);
    },
  };
}
