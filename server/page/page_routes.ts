/** The page and its files over HTTP. @module */
import { Hono } from "hono";
import { etag } from "hono/etag";
import { pageFiles } from "./page_files.ts";
import { pagePolicy } from "./page_policy.ts";
import { pageShell } from "./page_shell.tsx";

/** `GET /` is the page, `GET /page/NAME` a file of it. Browsers keep the files and ask each time whether they are still the same. */
export function pageRoutes(): Hono {
  const files = pageFiles(), shell = `<!doctype html>${pageShell()}`;
  const pages = new Hono();
  // without a tag: an answer of "not modified" has no policy of its own, and browsers would take the one that the server puts there
  pages.get("/", (context) => {
    context.header("Cache-Control", "no-cache");
    context.header("Content-Security-Policy", pagePolicy);
    context.header("Referrer-Policy", "no-referrer");
    context.header("X-Content-Type-Options", "nosniff");
    return context.html(shell);
  });
  pages.use("/page/*", etag());
  pages.get("/page/:path{.+}", (context) => {
    const file = files.get(context.req.param("path"));
    if (!file) return context.notFound();
    context.header("Cache-Control", "no-cache");
    context.header("Content-Type", file.type);
    context.header("ETag", file.etag);
    context.header("X-Content-Type-Options", "nosniff");
    return context.body(file.bytes);
  });
  return pages;
}
