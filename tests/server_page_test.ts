/** The page in a real browser before the real server: what an engineer does with it, from a dropped scan to the history. */
/// <reference lib="dom" />
import { deepEqual, equal, match, notDeepEqual, ok } from "node:assert/strict";
import { existsSync } from "node:fs";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { sharedGpu } from "../testing/mod.ts";
import { commandLine, SMALL, smallDataset, startCommandLine } from "./command_line.ts";
import { temporaryFolder } from "./run_deno.ts";
import { sharedData } from "./shared_data.ts";

const CHROMIUM = "/usr/bin/chromium";

/** WebGL on the processor, as test machines have no GPU; the sandbox needs rights that containers don't give. */
const FLAGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"];

/** Milliseconds for what computes: a scan, or a first picture drawn by the processor. */
const PATIENCE = 120_000;

const missing = !existsSync(CHROMIUM)
  ? `there is no ${CHROMIUM}`
  : await sharedGpu() === undefined
  ? "there is no adapter"
  : undefined;

/** Training scans of a product below `folder`, and a scan to drop: real ones where they are at hand, else synthetic ones. */
async function products(folder: string): Promise<{ readonly category: string; readonly scan: string }> {
  const real = sharedData("data/mvtec3d/cable_gland");
  if (real === undefined) {
    await smallDataset(folder);
    return { category: "bagel", scan: `${folder}/bagel/test/hole/xyz/000.tiff` };
  }
  const train = "train/good/xyz", names = [...Deno.readDirSync(`${real}/${train}`)].map(({ name }) => name).sort();
  Deno.mkdirSync(`${folder}/cable_gland/${train}`, { recursive: true });
  for (const name of names.slice(0, 5)) {
    Deno.copyFileSync(`${real}/${train}/${name}`, `${folder}/cable_gland/${train}/${name}`);
  }
  return { category: "cable_gland", scan: `${real}/test/bent/xyz/017.tiff` };
}

/** Starts `serve` as a process of its own and waits until it listens. */
async function startServer(models: string) {
  const child = startCommandLine(["serve", `--models=${models}`, "--port=0", "--no-download"]);
  const said = { text: "" }, listening = Promise.withResolvers<string>();
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const part of stream.pipeThrough(new TextDecoderStream())) {
      said.text += part;
      const url = /listening at (http:[^"\s]+)/.exec(said.text)?.[1];
      if (url) listening.resolve(url);
    }
  };
  const ended = { yes: false };
  child.status.then(() => ended.yes = true);
  const reading = Promise.all([read(child.stdout), read(child.stderr)]);
  reading.then(() => listening.reject(new Error(`the server ended: ${said.text}`)));
  const timer = setTimeout(() => listening.reject(new Error(`the server does not listen: ${said.text}`)), PATIENCE);
  const stop = async () => {
    if (!ended.yes) child.kill("SIGTERM");
    await Promise.all([child.status, reading]);
  };
  try {
    return { url: await listening.promise, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** A page whose faults are kept: errors on its console, uncaught ones, and what its policy stopped. */
async function openPage(browser: Browser): Promise<{ readonly page: Page; readonly faults: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: "light" }),
    faults: string[] = [];
  page.setDefaultTimeout(30_000);
  page.on("console", (line) => void (line.type() === "error" && faults.push(line.text())));
  page.on("pageerror", (error) => faults.push(String(error)));
  await page.exposeFunction("tellViolation", (words: string) => faults.push(words));
  await page.addInitScript(`addEventListener("securitypolicyviolation", (event) =>
    tellViolation("policy: " + event.violatedDirective + " " + event.blockedURI))`);
  return { page, faults };
}

/** Drops a file on the page as a person would. */
async function drop(page: Page, file: string): Promise<void> {
  const bytes = Deno.readFileSync(file).toBase64(), name = file.split("/").at(-1)!;
  const transfer = await page.evaluateHandle(([bytes, name]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.fromBase64(bytes)], name, { type: "image/tiff" }));
    return transfer;
  }, [bytes, name] as const);
  await page.dispatchEvent("body", "dragover", { dataTransfer: transfer });
  equal(await page.locator("#drop").isVisible(), true, "the veil says where to drop");
  await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
}

/** What axe finds, and whether the page is wider than its window, in both schemes and both sizes. */
async function examine(page: Page, view: string): Promise<void> {
  const source = axe.source;
  for (const colorScheme of ["light", "dark"] as const) {
    for (const viewport of [{ width: 1280, height: 900 }, { width: 768, height: 1024 }, { width: 390, height: 844 }]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      await page.evaluate(source); // by the debugger, which the page's policy does not bind
      const found = await page.evaluate(
        "axe.run(document).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).join(', ')))",
      );
      deepEqual(found, [], `${view}, ${colorScheme}, ${viewport.width} wide`);
      const over = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
      ok(over <= 0, `${view} is ${over} pixels too wide at ${viewport.width}`);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 900 });
}

Deno.test({
  name: `an engineer drops a scan, sees why, judges it, and finds it again${missing ? ` (skipped: ${missing})` : ""}`,
  ignore: missing !== undefined,
  sanitizeOps: false, // the browser is a process with pipes and timers of its own
  sanitizeResources: false,
  async fn(t) {
    using folder = temporaryFolder();
    const { category, scan } = await products(`${folder.path}/data`), name = scan.split("/").at(-1)!;
    const method = [...SMALL.filter((option) => !option.startsWith("--method")), "--set=extractor.trials=0"];
    const fit = await commandLine([
      "fit",
      `--data=${folder.path}/data`,
      `--category=${category}`,
      `--model=${folder.path}/models/${category}`,
      ...method,
    ]);
    equal(fit.code, 0, fit.stderr);
    await using server = await startServer(`${folder.path}/models`);
    // few scans reach few rates
    const rate = await fetch(`${server.url}/v1/models/${category}`, {
      method: "PATCH",
      body: '{"alpha":0.25}',
      headers: { "Content-Type": "application/json" },
    });
    equal(rate.status, 200, await rate.text());
    await using browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    const { page, faults } = await openPage(browser);
    const step = async (name: string, does: () => Promise<void>) =>
      ok(await t.step(name, does), "what follows builds on it");

    await step("a dropped scan is scored, and its result comes up", async () => {
      await page.goto(server.url);
      await page.locator("#files").waitFor({ state: "attached" });
      match(await page.locator("#model-about").innerText(), /fitted on/);
      await examine(page, "inspect");
      await drop(page, scan);
      await page.waitForURL(/#\/results\//, { timeout: PATIENCE });
      match(await page.locator("h1").innerText(), new RegExp(`^${name}\\s+(normal|anomalous)$`));
      await page.locator(".space[data-drawn]").waitFor({ timeout: PATIENCE });
      equal(await page.evaluate("document.activeElement.tagName"), "H1", "the reader is led to the result");
    });

    await step("the slider recolours the 3-D view, outlines the map, and decides nothing", async () => {
      const space = page.locator(".space"), words = page.locator("#threshold-words");
      const [decision, before, said] = [
        await page.locator(".verdict").innerText(),
        await space.screenshot(),
        await words.innerText(),
      ];
      await page.locator("#only-above").check();
      await page.locator("#threshold").fill("1.5");
      await page.locator("#threshold").press("ArrowRight");
      await page.locator(".explored[d^=M]").waitFor({ state: "attached" });
      notDeepEqual(await words.innerText(), said);
      match(await words.innerText(), /By this threshold the scan would be anomalous/);
      equal(await page.locator(".verdict").innerText(), decision);
      notDeepEqual(await space.screenshot(), before, "the view is drawn anew");
      for (const map of ["surface", "missing", "whole", "scan", "fused"]) await page.locator(`#map-${map}`).check();
    });

    await step("the threshold is set for the model only when asked", async () => {
      const set = async () => (await (await fetch(`${server.url}/v1/models/${category}`)).json()).threshold;
      await page.getByRole("button", { name: "Use for this model…" }).click();
      await page.getByRole("button", { name: "Leave it" }).click();
      equal(await set(), null);
      await page.getByRole("button", { name: "Use for this model…" }).click();
      await page.getByRole("button", { name: /^Set it to/ }).click();
      await page.getByText("from now on", { exact: false }).first().waitFor();
      ok(await set() > 0);
    });

    await step("a verdict is kept, and the address finds the result after a reload", async () => {
      await page.getByRole("radio", { name: "wrong" }).check();
      await page.getByLabel("Note").fill("a clamp <b>stood</b> in the way");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("Marked wrong.").waitFor();
      await page.reload();
      await page.locator(".space[data-drawn]").waitFor({ timeout: PATIENCE });
      equal(await page.getByRole("radio", { name: "wrong" }).isChecked(), true);
      equal(await page.getByLabel("Note").inputValue(), "a clamp <b>stood</b> in the way");
      await examine(page, "result");
    });

    await step("the history has the chart, filters in the address, export, and leads back", async () => {
      const result = page.url();
      await page.getByRole("link", { name: "History", exact: true }).first().click();
      await page.getByLabel("Model").selectOption(category);
      await page.waitForURL(new RegExp(`#/history\\?model=${category}$`));
      await page.locator(".chart .point").first().waitFor();
      await page.getByText("is set by hand", { exact: false }).waitFor();
      await page.getByLabel("Marked").selectOption("right");
      await page.getByText("No result is like this.", { exact: false }).waitFor();
      await page.goBack();
      await page.getByRole("region", { name: "Results" }).getByText("wrong").waitFor();
      await examine(page, "history");
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "Export as CSV" }).click(),
      ]);
      match(Deno.readTextFileSync(await download.path()), /wrong.*clamp/);
      await page.locator(".chart .point").first().click();
      await page.waitForURL(result);
      await page.getByRole("heading", { level: 1, name }).waitFor();
    });

    await step("a file that is no scan is refused in words, and no result is a page that says so", async () => {
      equal(faults.splice(0).join("\n"), "", "no error until here");
      await page.goto(`${server.url}/#/`);
      await page.locator("#files").waitFor({ state: "attached" });
      await drop(page, folder.put("letter.txt", "not a scan"));
      match(await page.getByRole("alert").innerText(), /TIFF|scan/);
      await page.goto(`${server.url}/#/results/01ARZ3NDEKTSV4RRFFQ69G5FAV`);
      await page.getByRole("heading", { name: "That did not work" }).waitFor();
      deepEqual(faults.filter((words) => !/status of 4\d\d/.test(words)), []);
    });
  },
});
