// The button that changes between light and dark. Without it the page follows the system.

import { button } from "./dom";

const key = "chaosrun-theme";

export function addTheme(place: HTMLElement, changed: () => void = () => undefined): void {
  const root = document.documentElement;
  const dark = () => root.dataset["theme"] === "dark" ||
    (!root.dataset["theme"] && matchMedia("(prefers-color-scheme: dark)").matches);
  const set = (theme: string) => {
    root.dataset["theme"] = theme;
    try {
      localStorage.setItem(key, theme);
    } catch {
      // A page from a file may have no storage. The choice lasts as long as the page, then.
    }
    name();
    changed();
  };
  const b = button("", { id: "theme" }, () => set(dark() ? "light" : "dark"));
  const name = () => { b.textContent = dark() ? "Light" : "Dark"; b.setAttribute("aria-label", `Change to ${dark() ? "light" : "dark"} colours`); };
  try {
    const stored = localStorage.getItem(key);
    if (stored === "light" || stored === "dark") root.dataset["theme"] = stored;
  } catch {
    // Likewise.
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { name(); changed(); });
  name();
  place.append(b);
}
