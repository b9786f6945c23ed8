// A card beside an element: what it is, and the raw frames behind it. It follows pointer and focus, and stays when it is
// pinned.

import type { RunEvent } from "./data";
import { button, el, short } from "./dom";

export interface Told {
  title: string;
  lines: string[];
  events?: RunEvent[];
}

const mostEvents = 12;

export class Card {
  private readonly box: HTMLElement;
  private pinned = false;
  // muted keeps the card away from what lies below it when it is closed, until the pointer moves. waiting is what it
  // would show by then.
  private muted = false;
  private waiting: (() => void) | null = null;
  private of: Element | null = null;

  constructor(private readonly host: HTMLElement) {
    this.box = el("div", { class: "card", role: "status", hidden: true });
    host.append(this.box);
    host.addEventListener("pointermove", () => {
      if (!this.muted) return;
      this.muted = false;
      this.waiting?.();
    });
  }

  hover(node: Element, told: Told): void {
    if (this.pinned) return;
    if (this.muted) this.waiting = () => this.fill(node, told);
    else this.fill(node, told);
  }

  leave(): void {
    this.waiting = null;
    if (!this.pinned) this.box.hidden = true;
  }

  pin(node: Element, told: Told): void {
    this.pinned = true;
    this.fill(node, told);
    this.box.append(button("\u00d7", { class: "close", "aria-label": "Close" }, () => this.close()));
  }

  close(): void {
    const inside = this.box.contains(document.activeElement);
    this.pinned = false;
    this.muted = true;
    this.box.hidden = true;
    if (inside && this.of instanceof SVGElement) this.of.focus();
    this.waiting = null;
    this.muted = inside;
  }

  private fill(node: Element, told: Told): void {
    this.of = node;
    const events = told.events ?? [];
    this.box.replaceChildren(el("strong", {}, told.title), ...told.lines.map((line) => el("p", {}, line)));
    if (events.length > 0) {
      const shown = events.length > mostEvents ? [...events.slice(0, mostEvents / 2), ...events.slice(-mostEvents / 2)] : events;
      this.box.append(eventList(shown));
      if (shown.length < events.length) this.box.append(el("p", {}, `and ${events.length - shown.length} events between them`));
    }
    this.box.classList.toggle("pinned", this.pinned);
    this.box.hidden = false;
    this.place(node);
  }

  // place puts the card below the element, or above it where there is no room.
  private place(node: Element): void {
    const host = this.host.getBoundingClientRect();
    const at = node.getBoundingClientRect();
    const size = this.box.getBoundingClientRect();
    const left = Math.max(at.left, host.left) - host.left;
    const below = at.bottom + size.height + 8 < innerHeight || at.top < size.height + 8;
    this.box.style.left = `${Math.max(0, Math.min(left, host.width - size.width))}px`;
    this.box.style.top = `${(below ? at.bottom + 6 : at.top - size.height - 6) - host.top}px`;
  }
}

// eventList shows events as they were recorded: when, what, and the text that was sent.
export function eventList(events: RunEvent[]): HTMLElement {
  return el("table", { class: "frames" }, el("tbody", {}, ...events.map((e) => el("tr", {},
    el("td", {}, short(e.at)),
    el("td", {}, e.kind + (e.count > 1 ? ` \u00d7${e.count}` : "")),
    el("td", {}, el("code", {}, e.text))))));
}
