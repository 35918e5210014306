/** The page's script: opens the API, shows the view that the address names, takes what is dropped. @module */
/// <reference lib="dom" />
import { openApi } from "./api.ts";
import type { App, ServerFacts, View } from "./app.ts";
import { errorNote, messageOf } from "./badge.ts";
import { schemeSwitch } from "./colour_scheme.ts";
import { button, byId, el } from "./dom.ts";
import { takeDrops } from "./drops.ts";
import { fileExchange } from "./file_exchange.ts";
import { historyView } from "./history_view.ts";
import { inspectView } from "./inspect_view.ts";
import { jobView } from "./job_view.ts";
import { type KeyHolder, keyHolder } from "./key_dialog.ts";
import { resultView } from "./result_view.ts";
import { hashOf, parseRoute, type Route } from "./route.ts";

/** The view of a route. */
function viewOf(route: Route): View {
  if (route.kind === "inspect") return inspectView;
  if (route.kind === "job") return jobView(route.id);
  if (route.kind === "result") return resultView(route.id);
  if (route.kind === "history") return historyView(route.filter);
  return (_app, place) => {
    place.append(
      el("h1", {}, "Nothing is here"),
      el("p", {}, "This address names nothing on this page. ", el("a", { href: "#/" }, "Inspect scans"), "."),
    );
    return Promise.resolve("Nothing is here");
  };
}

/** Says something to screen readers, again where the words are the same as before. */
function announce(words: string): void {
  const live = byId("live");
  live.textContent = "";
  setTimeout(() => live.textContent = words, 50);
}

/** Opens what the views work with. @throws what the first call throws */
async function openApp(keys: KeyHolder): Promise<App> {
  const api = openApi({
    key: () => keys.get(),
    askKey: (why) => keys.ask(why),
    onWait: (seconds) => {
      const words = seconds > 0 ? `The server is busy: asking again in ${seconds} s` : "";
      byId("waiting").textContent = words;
      byId("waiting").hidden = seconds === 0;
    },
  });
  const named = (name: string) => `uni3dad.${name}`;
  return {
    api,
    server: await api.get<ServerFacts>("/v1/server"),
    choices: {
      get: (name) => sessionStorage.getItem(named(name)) ?? undefined,
      set: (name, value) => sessionStorage.setItem(named(name), value),
    },
    files: fileExchange(),
    announce,
    go: (route, how) => {
      if (how === "replace") location.replace(hashOf(route));
      else location.hash = hashOf(route);
    },
  };
}

/** Shows views as the address changes. */
function follow(app: App): void {
  const shown = { leave: new AbortController(), first: true };
  const show = async () => {
    shown.leave.abort();
    const leave = shown.leave = new AbortController(),
      place = el("div", { class: "view" }),
      route = parseRoute(location.hash);
    const loading = el("p", { class: "quiet loading" }, "Loading…");
    markCurrent(route);
    byId("main").replaceChildren(loading, place);
    try {
      const title = await viewOf(route)(app, place, leave.signal);
      if (leave.signal.aborted) return;
      document.title = `${title} · uni3dad`;
      if (!shown.first) focusHeading(place);
    } catch (error) {
      if (leave.signal.aborted) return;
      place.replaceChildren(el("h1", {}, "That did not work"), errorNote(messageOf(error)), button("Try again", show));
    } finally {
      loading.remove();
      shown.first = false;
    }
  };
  addEventListener("hashchange", show);
  byId("key").hidden = !app.server.keysNeeded;
  takeDrops(app);
  show();
}

/** Says in the navigation which of its pages is shown; a result or a job is none of them. */
function markCurrent({ kind }: Route): void {
  const current = kind === "inspect" ? "#/" : kind === "history" ? "#/history" : undefined;
  for (const link of document.querySelectorAll(".bar nav a")) {
    if (link.getAttribute("href") === current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

/** Moves the reader to what has come, so that it is read out and the next tab goes on from there. */
function focusHeading(place: HTMLElement): void {
  const heading = place.querySelector("h1");
  heading?.setAttribute("tabindex", "-1");
  heading?.focus({ preventScroll: true });
  scrollTo(0, 0);
}

async function start(): Promise<void> {
  const keys = keyHolder(sessionStorage);
  schemeSwitch(byId("scheme"), localStorage);
  byId("skip").addEventListener("click", () => byId("main").focus());
  byId("key").addEventListener(
    "click",
    () => keys.ask("Another key than the one of before.").then(() => location.reload(), () => {}),
  );
  try {
    const app = await openApp(keys), { version, adapter: { description, software } } = app.server;
    byId("footer").textContent = `uni3dad ${version} on ${description}${
      software ? ", the processor: a GPU would be many times faster" : ""
    }`;
    follow(app);
  } catch (error) {
    byId("key").hidden = false;
    byId("main").replaceChildren(
      el("h1", {}, "The server does not answer"),
      errorNote(messageOf(error)),
      button("Try again", () => location.reload()),
    );
  }
}

start();
