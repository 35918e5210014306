/** Text that is safe inside a page. @module */

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text for an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}

/** JSON for a `script` element that holds data: without `<` it can neither end the element nor open a comment. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}

/** The address of a file beside the page, for a quoted attribute: each part encoded, so that no name becomes another place. */
export function fileLink(path: string): string {
  return escapeHtml(`./${path.split("/").map(encodeURIComponent).join("/")}`);
}

/** The address of a PNG file that lies in the page, for a quoted attribute. */
export const pngAddress = (bytes: Uint8Array): string => `data:image/png;base64,${bytes.toBase64()}`;
