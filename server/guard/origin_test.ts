import { equal } from "node:assert/strict";
import { Hono } from "hono";
import type { ServerEnv } from "../service.ts";
import { isLoopback, ownPagesOnly } from "./origin.ts";
import { problemAnswer } from "./problem.ts";

function appOf(loopback: boolean) {
  const app = new Hono<ServerEnv>().use(ownPagesOnly({ loopback })).all("*", (context) => context.text("in"));
  app.onError(problemAnswer);
  return app;
}

/** `in`, or the code of the problem. */
async function answerTo(loopback: boolean, url: string, method = "GET", headers: Record<string, string> = {}) {
  const answer = await appOf(loopback).request(url, { method, headers });
  return answer.status === 200 ? await answer.text() || "in" : (await answer.json()).code;
}

Deno.test("a server of this machine is reached by its own names alone, whatever the method", async () => {
  for (const host of ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.9.9.9:1", "[::1]:8080"]) {
    equal(await answerTo(true, `http://${host}/`), "in", host);
  }
  for (
    const host of [
      "evil.example",
      "localhost.evil.example",
      "127.0.0.1.evil.example",
      "127.0.0.1.nip.io",
      "0.0.0.0",
      "10.0.0.1",
      "[::2]",
      "localhost@evil.example",
    ]
  ) {
    for (const method of ["GET", "POST"]) equal(await answerTo(true, `http://${host}/`, method), "host-refused", host);
    equal(await answerTo(false, `http://${host}/`), "in", "where keys guard it, its name is its own matter");
  }
});

Deno.test("what a browser sends for another site's page may read nothing new and change nothing", async () => {
  const sent = async (method: string, headers: Record<string, string>) =>
    await answerTo(false, "https://scan.example:8443/", method, headers);
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    for (const site of ["same-origin", "none"]) equal(await sent(method, { "Sec-Fetch-Site": site }), "in", site);
    for (const site of ["cross-site", "same-site", "", "nonsense"]) {
      equal(await sent(method, { "Sec-Fetch-Site": site }), "origin-refused", site);
    }
    equal(await sent(method, {}), "in", "programs say nothing");
    for (const own of ["https://scan.example:8443", "http://scan.example:8443"]) {
      equal(await sent(method, { Origin: own }), "in", "whoever ends TLS for it may say https where it hears http");
    }
    for (
      const other of [
        "null",
        "https://evil.example",
        "https://scan.example",
        "https://scan.example:8443.evil.example",
        "x",
      ]
    ) {
      equal(await sent(method, { Origin: other }), "origin-refused", other);
    }
    equal(await sent(method, { Origin: "https://other.example", "Sec-Fetch-Site": "same-origin" }), "in");
  }
  for (const method of ["GET", "HEAD", "OPTIONS"]) equal(await sent(method, { "Sec-Fetch-Site": "cross-site" }), "in");
});

Deno.test("isLoopback() knows addresses that only this machine reaches", () => {
  for (const address of ["127.0.0.1", "127.1.2.3", "::1", "localhost"]) equal(isLoopback(address), true, address);
  for (const address of ["0.0.0.0", "::", "192.168.0.1", "127.0.0.1.nip.io", "128.0.0.1", "127.0.0", ""]) {
    equal(isLoopback(address), false, address);
  }
});
