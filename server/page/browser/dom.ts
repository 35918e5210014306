/** Making elements. What comes from data enters the page here, as text and attributes, never as markup. @module */
/// <reference lib="dom" />

/** What an element may hold; what is false or absent leaves nothing. */
export type Child = Node | string | false | undefined | null;

/** Values of attributes: `true` sets it empty, `false` and `undefined` leave it out, a function listens to the event of that name. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>;

function filled<E extends Element>(made: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child instanceof Node || typeof child === "string"));
  return made;
}

/** An element of HTML. */
export const el = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] => filled(document.createElement(tag), attributes, children);

/** An element of SVG. */
export const svg = <K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] => filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

/** The element with this id, which the page's frame has. @throws {Error} */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no element "${id}"`);
  return found;
}

/** A button that does something; it is no submit button. */
export const button = (words: string, act: () => void, attributes: Attributes = {}): HTMLButtonElement =>
  el("button", { type: "button", ...attributes, click: act }, words);

/** A heading that says what a part of the page is, with the part. */
export const panel = (title: string, ...children: readonly Child[]): HTMLElement =>
  el("section", { class: "panel" }, el("h2", {}, title), ...children);
