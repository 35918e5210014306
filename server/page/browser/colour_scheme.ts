/** Dark or light: as the system says until the reader chooses. @module */
/// <reference lib="dom" />

const NAME = "uni3dad.scheme";

/** Lets a button switch between dark and light, and keeps what was chosen. */
export function schemeSwitch(button: HTMLElement, storage: Storage): void {
  const root = document.documentElement, system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => root.dataset.scheme === undefined ? system.matches : root.dataset.scheme === "dark";
  const tell = () => {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", isDark() ? "Switch to light colours" : "Switch to dark colours");
  };
  const kept = storage.getItem(NAME);
  if (kept === "dark" || kept === "light") root.dataset.scheme = kept;
  button.addEventListener("click", () => {
    root.dataset.scheme = isDark() ? "light" : "dark";
    storage.setItem(NAME, root.dataset.scheme);
    tell();
  });
  system.addEventListener("change", tell);
  tell();
}
