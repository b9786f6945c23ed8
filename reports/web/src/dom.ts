// Small helpers to build elements. Text always goes in as text, never as markup.

type Attributes = Record<string, string | number | boolean | undefined>;
type Child = Node | string | null | undefined;

const svgNamespace = "http://www.w3.org/2000/svg";

function fill<E extends Element>(element: E, attributes: Attributes, children: Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child != null) element.append(child);
  return element;
}

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS(svgNamespace, tag), attributes, children);
}

export function button(text: string, attributes: Attributes, pressed: () => void): HTMLButtonElement {
  const b = el("button", { type: "button", ...attributes }, text);
  b.addEventListener("click", pressed);
  return b;
}

export function all<E extends Element>(selector: string, root: ParentNode = document): E[] {
  return [...root.querySelectorAll<E>(selector)];
}

// short formats seconds as the other reports do, with about three significant digits.
export function short(seconds: number): string {
  const digits = (value: number, places: number) => String(Number(value.toFixed(places)));
  const s = Math.abs(seconds);
  const sign = seconds < 0 ? "-" : "";
  if (s >= 60) {
    const tenths = Math.round(s * 10);
    const hours = Math.floor(tenths / 36000);
    const minutes = Math.floor((tenths % 36000) / 600);
    return `${sign}${hours > 0 ? `${hours}h` : ""}${minutes}m${digits((tenths % 600) / 10, 1)}s`;
  }
  if (s >= 1) return `${sign}${digits(s, 2)}s`;
  return s === 0 ? "0s" : `${sign}${digits(s * 1000, 1)}ms`;
}

// count joins a number and a noun.
export function count(n: number, noun: string): string {
  return `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
}
