/** Scans that are dropped anywhere on the page. @module */
/// <reference lib="dom" />
import type { App } from "./app.ts";
import { byId } from "./dom.ts";

/** Takes files that are dropped on the page to where they are scored. */
export function takeDrops(app: App): void {
  const veil = byId("drop");
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    veil.hidden = document.querySelector("dialog[open]") !== null;
  });
  addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) veil.hidden = true; // the pointer left the window, not only an element of it
  });
  addEventListener("drop", (event) => {
    veil.hidden = true;
    if (!hasFiles(event)) return;
    event.preventDefault();
    if (document.querySelector("dialog[open]")) return;
    const files = [...event.dataTransfer!.files];
    if (files.length > 0 && !app.files.give(files)) app.go({ kind: "inspect" }); // which takes them
  });
}
