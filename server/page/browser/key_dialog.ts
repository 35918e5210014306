/** The API key: asked for where the server needs one, kept for this tab alone. @module */
/// <reference lib="dom" />
import { button, el } from "./dom.ts";

/** The kept key. */
export interface KeyHolder {
  /** The key; undefined where none is kept. */
  get(): string | undefined;
  /** Asks for another one, saying why; rejects where none is given. Who asks while it is open waits for the same answer. */
  ask(why: string): Promise<void>;
}

const NAME = "uni3dad.key";

/** Keeps the key in the tab's session, which ends with it. */
export function keyHolder(storage: Storage): KeyHolder {
  const open: { asked?: Promise<void> } = {};
  return {
    get: () => storage.getItem(NAME) ?? undefined,
    ask: (why) =>
      open.asked ??= askForKey(why).then((key) => storage.setItem(NAME, key)).finally(() => open.asked = undefined),
  };
}

function askForKey(why: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const field = el("input", {
      type: "password",
      id: "key-field",
      autocomplete: "off",
      required: true,
      "aria-describedby": "key-why",
    });
    const dialog: HTMLDialogElement = el(
      "dialog",
      { "aria-labelledby": "key-title" },
      el(
        "form",
        {
          submit: (event) => {
            event.preventDefault();
            dialog.close(field.value.trim());
          },
        },
        el("h2", { id: "key-title" }, "API key"),
        el("p", { id: "key-why" }, why),
        el("label", { for: "key-field" }, "Key, kept for this tab only"),
        field,
        el(
          "p",
          { class: "actions" },
          el("button", { type: "submit", class: "strong" }, "Use this key"),
          button("Cancel", () => dialog.close("")),
        ),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (dialog.returnValue === "") {
        reject(new Error("This needs an API key: choose Key at the top of the page to give one"));
      } else resolve(dialog.returnValue);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
