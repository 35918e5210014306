/** The plotting library, brought from this server when the first 3-D view is shown. @module */
/// <reference lib="dom" />

/** What is used of Plotly. */
export interface Plotting {
  newPlot(space: HTMLElement, data: readonly object[], layout: object, config: object): Promise<unknown>;
  restyle(space: HTMLElement, update: object, traces: readonly number[]): Promise<unknown>;
  relayout(space: HTMLElement, update: object): Promise<unknown>;
  purge(space: HTMLElement): void;
}

declare global {
  var Plotly: Plotting | undefined;
}

const PATH = "/page/plotly.js";

/** Brings the library, once. @throws {Error} where it does not come */
export function openPlotting(): Promise<Plotting> {
  if (globalThis.Plotly) return Promise.resolve(globalThis.Plotly);
  const there = document.querySelector<HTMLScriptElement>(`script[src="${PATH}"]`);
  const script = there ?? document.createElement("script");
  const come = new Promise<Plotting>((resolve, reject) => {
    script.addEventListener(
      "load",
      () => globalThis.Plotly ? resolve(globalThis.Plotly) : reject(new Error("The plotting library did not start")),
    );
    script.addEventListener("error", () => {
      script.remove();
      reject(new Error("The plotting library did not come from the server"));
    });
  });
  if (!there) {
    script.src = PATH;
    document.head.append(script);
  }
  return come;
}
