import { deepEqual, equal, match, ok } from "node:assert/strict";
import { projectFiles } from "../../tests/project_files.ts";
import { pageFiles } from "./page_files.ts";
import { pagePolicy } from "./page_policy.ts";
import { pageRoutes } from "./page_routes.ts";

const pages = pageRoutes(), files = pageFiles();
const scripts = [...files.keys()].filter((path) => path.startsWith("browser/"));
const textOf = (path: string) => new TextDecoder().decode(files.get(path)!.bytes);

Deno.test("the page comes with its policy, and without inline code or styles", async () => {
  const answer = await pages.request("/"), html = await answer.text();
  equal(answer.status, 200);
  match(answer.headers.get("Content-Type")!, /^text\/html/);
  equal(answer.headers.get("Content-Security-Policy"), pagePolicy);
  equal(answer.headers.get("X-Content-Type-Options"), "nosniff");
  equal(answer.headers.get("ETag"), null, "else an answer of 304 would come without the policy");
  match(html, /^<!doctype html><html lang="en">/);
  ok(!/ style=| on\w+=|<style|<script(?![^>]* src=)/.test(html), html);
  for (const [, path] of html.matchAll(/(?:src|href)="\/page\/([^"]+)"/g)) ok(files.has(path), path);
});

Deno.test("the policy allows nothing inline, nothing evaluated and nothing from elsewhere", () => {
  match(pagePolicy, /default-src 'none'/);
  ok(!/unsafe|\*|https?:/.test(pagePolicy), pagePolicy);
});

Deno.test("files have their types, and are not sent again where the browser has them", async () => {
  const types = {
    "page.css": "text/css",
    "icon.svg": "image/svg+xml",
    "plotly.js": "text/javascript",
    "browser/main.ts": "text/javascript",
  };
  for (const [path, type] of Object.entries(types)) {
    const first = await pages.request(`/page/${path}`), etag = first.headers.get("ETag")!;
    equal(first.status, 200);
    ok(first.headers.get("Content-Type")!.startsWith(type), path);
    equal(first.headers.get("Cache-Control"), "no-cache");
    deepEqual(await first.bytes(), files.get(path)!.bytes);
    const again = await pages.request(`/page/${path}`, { headers: { "If-None-Match": etag } });
    equal(again.status, 304);
    equal((await again.bytes()).length, 0);
    equal((await pages.request(`/page/${path}`, { headers: { "If-None-Match": '"other"' } })).status, 200);
  }
});

Deno.test("what is no file of the page is not found, whatever its path", async () => {
  for (
    const path of [
      "",
      "none.js",
      "page_files.ts",
      "browser/../page_files.ts",
      "%2e%2e/page_files.ts",
      "browser/route_test.ts",
    ]
  ) {
    equal((await pages.request(`/page/${path}`)).status, 404, path);
  }
});

Deno.test("every file of the browser's part is served", () => {
  const there = projectFiles("server/page/browser").filter((path) => !path.endsWith("_test.ts"));
  deepEqual(scripts.toSorted(), there.map((path) => path.replace("server/page/", "")).toSorted());
});

Deno.test("browser code imports only what is served, and names nothing of Deno or Node", () => {
  for (const path of scripts) {
    const code = textOf(path);
    for (const [, target] of code.matchAll(/\bfrom "([^"]+)"|\bimport\("/g)) {
      ok(scripts.includes(`browser/${target?.replace("./", "")}`), `${path} imports ${target}`);
    }
    ok(!/\bDeno\b|"node:|\binnerHTML\b|\beval\(/.test(code), path);
  }
});
