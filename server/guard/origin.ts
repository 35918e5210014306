/** Requests that another site makes a browser send. @module */
import { createMiddleware } from "hono/factory";
import { RequestRefused } from "../errors.ts";
import type { ServerEnv } from "../service.ts";

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** Whether only this machine can reach a server that binds to this address. */
export const isLoopback = (address: string): boolean =>
  address === "localhost" || address === "::1" || /^127(\.\d{1,3}){3}$/.test(address);

/**
 * A page of another site can make a browser send requests here, and on this machine no key would stop it. So what a browser says comes from
 * elsewhere may change nothing, and with `loopback` a name that isn't this machine's own (which another site's name server may have pointed
 * here) is refused. @throws {RequestRefused}
 */
export const ownPagesOnly = ({ loopback }: { readonly loopback: boolean }) =>
  createMiddleware<ServerEnv>(async ({ req }, next) => {
    const { hostname, host } = new URL(req.url);
    if (loopback && !LOOPBACK.includes(hostname) && !isLoopback(hostname)) {
      throw new RequestRefused(403, "host-refused", `This server is reached as localhost, not as ${hostname}`);
    }
    const reads = ["GET", "HEAD", "OPTIONS"].includes(req.method);
    if (!reads && isForeign(req.header("Sec-Fetch-Site"), req.header("Origin"), host)) {
      throw new RequestRefused(403, "origin-refused", "Another site's page may not ask this of the server");
    }
    await next();
  });

/** Whether a browser says that another site's page asks; other programs say nothing. Old browsers name only the origin. */
function isForeign(site: string | undefined, origin: string | undefined, host: string): boolean {
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  return origin !== undefined && URL.parse(origin)?.host !== host;
}
