// The lanes of one run, or of two on one axis: a toolbar, a drawing, and a card that tells what stands under the
// pointer or has the focus.

import { Axis, type Piece } from "./axis";
import { Card, type Told } from "./card";
import type { Bar, Lane, Mark, MarkKind, RunData, RunEvent } from "./data";
import { button, count, el, short, svg } from "./dom";
import { drawGlyph } from "./glyph";
import { ticks } from "./ticks";

export interface Shown {
  // The heading above its lanes, "" for none.
  heading: string;
  data: RunData;
  lanes: Lane[];
}

interface Row {
  shown: Shown;
  lane: Lane;
  // The middle of its bars.
  y: number;
  first: boolean;
}

interface Item {
  node: SVGElement;
  row: number;
  x: number;
  tell: () => Told;
}

const barHeight = 20;
const mostRows = 60;
const foldPixels = 150; // what "stall 5m0s \u00b7 \u2665\u00d730" needs
const rightMargin = 18;
const phaseNames: Record<string, string> = {
  connect: "connecting", headers: "waiting for headers", "first content": "waiting for first content",
  stall: "stall", backoff: "backoff", answer: "answer",
};

const markNames: [MarkKind, string][] = [
  ["decided", "decision of the engine"], ["kill", "killed by the engine"],
  ["cut", "cut by the harness or the caller"], ["close", "the provider saw it close"],
  ["broken", "broken by the provider"], ["answered", "answered"], ["failed", "the call failed"],
];

let drawings = 0;

export class LanesView {
  private readonly card: Card;
  private readonly picture: HTMLElement;
  private readonly scaleButton: HTMLButtonElement;
  private broken = true;
  private opened = new Set<number>();
  private zoom: [number, number] = [0, 1];
  private evidence: number[] = [];
  private rows: Row[] = [];
  // tops says where the limit and the fallback of each run are written.
  private readonly tops = new Map<Shown, number>();
  private items: Item[] = [];
  private everyRow = false;
  private width = 0;
  private focused = 0;
  private readonly id = ++drawings;

  constructor(private readonly host: HTMLElement, private readonly runs: Shown[]) {
    this.scaleButton = button("True scale", {
      class: "scale", "aria-pressed": "false", title: "Do not fold stretches in which nothing begins or ends",
    }, () => this.trueScale(this.broken));
    const tools = el("div", { class: "tools" },
      this.scaleButton,
      button("\u2212", { class: "zoom-out", "aria-label": "Zoom out" }, () => this.zoomBy(2)),
      button("+", { class: "zoom-in", "aria-label": "Zoom in" }, () => this.zoomBy(0.5)),
      button("Whole run", { class: "zoom-all" }, () => this.setZoom(0, 1)),
      el("span", { class: "hint" }, "Click a bar for its frames, a gap to unfold it. Ctrl + wheel zooms, drag moves."));
    this.picture = el("div", { class: "picture" });
    host.replaceChildren(tools, this.picture, legend(runs.flatMap((r) => r.lanes)));
    this.card = new Card(this.picture);
    this.picture.addEventListener("wheel", (e) => this.wheel(e), { passive: false });
    this.picture.addEventListener("pointerdown", (e) => this.drag(e));
    this.picture.addEventListener("keydown", (e) => this.key(e));
    new ResizeObserver(() => {
      requestAnimationFrame(() => {
        if (this.picture.clientWidth > 0 && this.picture.clientWidth !== this.width) this.draw();
      });
    }).observe(this.picture);
    this.draw();
  }

  // show marks events, by their positions, as evidence. None ends it.
  show(events: number[]): void {
    this.evidence = events;
    this.draw();
    if (events.length > 0) this.host.scrollIntoView({ block: "nearest" });
  }

  private trueScale(on: boolean): void {
    this.broken = !on;
    this.opened.clear();
    this.scaleButton.setAttribute("aria-pressed", String(on));
    this.setZoom(0, 1);
  }

  private zoomBy(factor: number, around = 0.5): void {
    const [a, b] = this.zoom;
    const size = Math.min(1, Math.max(1e-5, (b - a) * factor));
    const center = a + (b - a) * around;
    this.setZoom(center - size * around, center + size * (1 - around));
  }

  private setZoom(a: number, b: number): void {
    const size = Math.min(1, b - a);
    const from = Math.min(Math.max(0, a), 1 - size);
    this.zoom = [from, from + size];
    this.card.close();
    this.draw();
  }

  private wheel(e: WheelEvent): void {
    if (!e.ctrlKey && !e.metaKey) return;
    e.preventDefault();
    const x = e.clientX - this.picture.getBoundingClientRect().left - this.left;
    this.zoomBy(e.deltaY > 0 ? 1.25 : 0.8, Math.min(1, Math.max(0, x / this.plot)));
  }

  private drag(e: PointerEvent): void {
    const [a, b] = this.zoom;
    if (b - a >= 1 || e.button !== 0 || (e.target as Element).closest(".card")) return;
    const begun = e.clientX;
    const move = (m: PointerEvent) => {
      if (Math.abs(m.clientX - begun) < 4) return;
      const by = ((begun - m.clientX) / this.plot) * (b - a);
      this.setZoom(a + by, b + by);
    };
    const up = () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", up);
      removeEventListener("pointercancel", up);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", up);
    addEventListener("pointercancel", up);
  }

  // key moves the focus between what is drawn: left and right in a lane, up and down between lanes.
  private key(e: KeyboardEvent): void {
    const here = this.items[this.focused];
    if (e.key === "Escape") this.card.close();
    else if (e.key === "+" || e.key === "=") this.zoomBy(0.5);
    else if (e.key === "-") this.zoomBy(2);
    else if (e.key === "0") this.setZoom(0, 1);
    else if (here && e.key.startsWith("Arrow")) this.step(here, e.key);
    else return;
    e.preventDefault();
  }

  private step(here: Item, key: string): void {
    const forward = key === "ArrowRight" || key === "ArrowDown";
    const inRow = key === "ArrowLeft" || key === "ArrowRight";
    const rows = [...new Set(this.items.map((i) => i.row))].sort((a, b) => a - b);
    const row = inRow ? here.row : rows[rows.indexOf(here.row) + (forward ? 1 : -1)];
    const candidates = this.items.filter((i) => i.row === row).sort((a, b) => a.x - b.x);
    const next = inRow
      ? candidates[candidates.indexOf(here) + (forward ? 1 : -1)]
      : candidates.reduce<Item | undefined>(
        (best, i) => (!best || Math.abs(i.x - here.x) < Math.abs(best.x - here.x) ? i : best), undefined);
    if (next) this.focus(this.items.indexOf(next));
  }

  private focus(i: number): void {
    this.items[this.focused]?.node.setAttribute("tabindex", "-1");
    this.focused = i;
    const node = this.items[i]?.node;
    node?.setAttribute("tabindex", "0");
    node?.focus();
  }

  private get narrow(): boolean {
    return this.width < 560;
  }

  private get left(): number {
    return this.narrow ? 4 : 128;
  }

  private get plot(): number {
    return Math.max(80, this.width - this.left - rightMargin);
  }

  private draw(): void {
    this.width = this.picture.clientWidth || 900;
    const focus = this.picture.contains(document.activeElement) && document.activeElement?.tagName !== "BUTTON";
    this.items = [];
    const instants = this.runs.flatMap((s) => s.lanes.flatMap(instantsOf));
    const end = Math.max(...this.runs.map((s) => s.data.swim.end_s), 1e-6);
    const axis = new Axis(instants, end, this.broken, this.opened, foldPixels / this.plot);
    const root = svg("svg", { role: "group", "aria-label": "Lanes of the run on one time axis", width: this.width });
    const names = svg("g", { class: "names" });
    const bottom = this.layout(root, names);
    root.setAttribute("height", String(bottom + 30));
    const inner = svg("g", { "clip-path": `url(#clip-${this.id})` });
    root.append(svg("clipPath", { id: `clip-${this.id}` },
      svg("rect", { x: this.left - 14, y: 0, width: this.plot + 28, height: bottom + 30 })), inner);
    this.scales(inner, axis, bottom);
    this.rows.forEach((_, i) => this.drawRow(inner, axis, i));
    this.marks(inner, axis);
    this.drawEvidence(inner, axis);
    root.append(names);
    this.picture.querySelector(":scope > svg")?.remove();
    this.picture.querySelector(":scope > .more")?.remove();
    this.picture.prepend(root);
    this.more();
    this.focused = Math.min(this.focused, Math.max(0, this.items.length - 1));
    this.items[this.focused]?.node.setAttribute("tabindex", "0");
    if (focus) this.items[this.focused]?.node.focus();
  }

  // layout places the rows, draws their names, and returns where they end.
  private layout(root: SVGSVGElement, names: SVGElement): number {
    this.rows = [];
    const first = this.runs[0];
    if (first) this.tops.set(first, 12);
    let y = first?.heading ? 14 : 46;
    let left = this.everyRow ? Infinity : mostRows;
    const height = this.narrow ? 46 : 30;
    for (const shown of this.runs) {
      if (shown.heading) {
        names.append(svg("text", { class: "heading", x: 4, y: y + 4 }, shown.heading));
        y += 20;
        this.tops.set(shown, y);
        y += 36;
      }
      let group = "";
      for (const lane of shown.lanes) {
        if (left-- <= 0) break;
        const first = (lane.provider ?? lane.kind) !== group;
        group = lane.provider ?? lane.kind;
        if (first && lane.kind === "request") y += 8;
        const middle = y + (this.narrow ? 26 : 0);
        this.rows.push({ shown, lane, y: middle, first });
        if (first && lane.kind === "request") {
          root.append(svg("line", { class: "rule", x1: 0, x2: this.width, y1: y - 19, y2: y - 19 }));
        }
        names.append(this.laneName(lane, first, y, middle));
        y += height;
      }
      y += 6;
    }
    return y - 6;
  }

  private laneName(lane: Lane, first: boolean, y: number, middle: number): SVGTextElement {
    const place = this.narrow ? { x: this.left, y: y + 8 } : { x: 4, y: middle + 4 };
    const name = svg("text", { class: "lane-name", ...place });
    if (lane.kind !== "request") name.append(svg("tspan", { class: "strong" }, lane.name));
    else {
      const provider = lane.provider ?? "";
      const long = provider.length > 12 ? provider.slice(0, 11) + "\u2026" : provider;
      if (first || this.narrow) name.append(svg("tspan", { class: "strong" }, long), " ");
      const at = first || this.narrow ? {} : { x: 24 };
      name.append(svg("tspan", { class: "quiet", ...at }, `#${lane.attempt}`));
    }
    return name;
  }

  // more says that there are further lanes.
  private more(): void {
    const hidden = this.runs.reduce((n, s) => n + s.lanes.length, 0) - this.rows.length;
    if (hidden <= 0) return;
    this.picture.querySelector(":scope > svg")?.after(button(`Show ${count(hidden, "more lane")}`, { class: "more" },
      () => { this.everyRow = true; this.draw(); }));
  }

  private x(axis: Axis, t: number): number {
    const [a, b] = this.zoom;
    return this.left + ((axis.of(t) - a) / (b - a)) * this.plot;
  }

  // anchor returns how a text at a place stays within the drawing.
  private anchor(x: number): string {
    if (x < this.left + 24) return "start";
    return x > this.left + this.plot - 24 ? "end" : "middle";
  }

  // inside reports whether something between two places can be seen.
  private inside(from: number, to: number): boolean {
    return to >= this.left - 9 && from <= this.left + this.plot + 9;
  }

  // scales draws what belongs to all rows: the gaps, the axis, the limit and the fallback.
  private scales(root: SVGElement, axis: Axis, bottom: number): void {
    const [a, b] = this.zoom;
    root.append(svg("line", { class: "axis", x1: this.left, x2: this.left + this.plot, y1: bottom, y2: bottom }));
    for (const tick of ticks(axis, a, b, this.plot)) {
      const x = this.left + tick.x;
      const anchor = tick.x < 16 ? "start" : tick.x > this.plot - 16 ? "end" : "middle";
      root.append(svg("line", { class: "axis", x1: x, x2: x, y1: bottom, y2: bottom + 5 }),
        svg("text", { class: "tick", x, y: bottom + 18, "text-anchor": anchor }, tick.text));
    }
    for (const piece of axis.folds) this.gap(root, axis, piece, bottom);
    for (const shown of this.runs) this.deadline(root, axis, shown, bottom);
  }

  // gap draws a folded stretch. It unfolds when it is pressed.
  private gap(root: SVGElement, axis: Axis, piece: Piece, bottom: number): void {
    const x = this.x(axis, piece.from);
    const width = this.x(axis, piece.to) - x;
    if (!this.inside(x, x + width)) return;
    const middle = x + width / 2;
    const node = svg("g", { class: "gap", role: "button", tabindex: -1,
      "aria-label": `${short(piece.to - piece.from)} folded: nothing begins or ends. Press to unfold.` },
      svg("rect", { x, y: 26, width, height: bottom - 26 }));
    const torn = Math.max(middle, x + width - 14);
    for (let i = 0; i < 2; i++) { // the first one erases what is below the second
      let d = `M${torn} 32`;
      for (let y = 32, side = 1; y < bottom; y += 8, side = -side) d += `l${4 * side} 8`;
      node.append(svg("path", { class: "tear", d }));
    }
    if (width > 44) {
      node.append(svg("text", { class: "gap-text", x: middle, y: bottom + 18, "text-anchor": "middle" },
        `\u00b7\u00b7\u00b7 ${short(piece.to - piece.from)} \u00b7\u00b7\u00b7`));
    }
    root.append(node);
    this.add(node, -1, middle, () => ({
      title: `${short(piece.to - piece.from)} folded`,
      lines: [`from ${short(piece.from)} to ${short(piece.to)}`, "nothing begins or ends in it"],
    }), () => {
      this.opened.add(piece.from);
      this.draw();
    });
  }

  // deadline draws a run's limit and fallback across its lanes, if they are the same for all its callers.
  private deadline(root: SVGElement, axis: Axis, shown: Shown, bottom: number): void {
    const callers = shown.lanes.filter((l) => l.kind === "caller");
    const rows = this.rows.filter((r) => r.shown === shown);
    const same = (of: (lane: Lane) => number | undefined) =>
      callers.every((c) => of(c) === of(callers[0]!)) ? callers[0] && of(callers[0]) : undefined;
    const limit = same((l) => l.limit_s);
    const fallback = same((l) => l.fallback_s);
    const end = Math.max(0, ...callers.map((c) => c.bars.at(-1)?.to_s ?? 0));
    const top = this.tops.get(shown) ?? 12;
    const low = this.runs.length > 1 ? Math.max(...rows.map((r) => r.y)) + 16 : bottom;
    const labels: { x: number; text: string; kind: string }[] = [];
    if (limit !== undefined && limit <= end) {
      const x = this.x(axis, limit);
      const until = this.x(axis, fallback ?? end);
      if (until > x) root.append(svg("rect", { class: "late", x, y: top + 14, width: until - x, height: low - top - 14 }));
      labels.push({ x, text: `limit ${short(limit)}`, kind: "limit" });
    }
    if (fallback !== undefined) {
      labels.push({ x: this.x(axis, fallback), text: `fallback ${short(fallback)}`, kind: "fallback" });
    }
    labels.forEach(({ x, text, kind }, i) => {
      if (!this.inside(x, x)) return;
      const left = x > this.left + this.plot - 110;
      const y = top + i * 14;
      root.append(svg("line", { class: kind, x1: x, x2: x, y1: y, y2: low }),
        svg("text", { class: `${kind}-text`, x: left ? x - 4 : x + 4, y, "text-anchor": left ? "end" : "start" }, text));
    });
  }

  private drawRow(root: SVGElement, axis: Axis, index: number): void {
    const row = this.rows[index]!;
    const ends = this.left + this.plot;
    root.append(svg("line", { class: "lane", x1: this.left, x2: ends, y1: row.y, y2: row.y }));
    for (const bar of row.lane.bars) this.drawBar(root, axis, index, bar);
  }

  private drawBar(root: SVGElement, axis: Axis, index: number, bar: Bar): void {
    const row = this.rows[index]!;
    const x = this.x(axis, bar.from_s);
    const end = this.x(axis, bar.to_s);
    if (!this.inside(x, end)) return;
    const width = Math.max(2, end - x);
    const y = row.y - barHeight / 2;
    const phase = bar.phase.replace(" ", "-");
    const label = `${laneTitle(row.lane)}: ${phaseNames[bar.phase] ?? bar.phase}, ${short(bar.to_s - bar.from_s)}` +
      (bar.beats ? `, ${count(bar.beats, "heartbeat")}` : "");
    const node = svg("g", { class: `bar ${phase}`, "data-phase": bar.phase, role: "button", tabindex: -1,
      "aria-label": label }, svg("rect", { x, y, width, height: barHeight, rx: 2 }));
    if (bar.beats) this.beats(node, axis, row, bar);
    const left = Math.max(x, this.left);
    const room = Math.min(end, this.left + this.plot) - left;
    const length = short(bar.to_s - bar.from_s);
    const said = [`${bar.phase} ${length}` + (bar.beats ? ` \u00b7 \u2665\u00d7${bar.beats}` : ""),
      `${bar.phase} ${length}`, length].find((text) => text.length * 6.6 + 10 < room);
    if (said) node.append(svg("text", { class: "bar-text", x: left + 5, y: row.y + 4 }, said));
    root.append(node);
    this.add(node, index, x, () => this.tellBar(row, bar));
  }

  // beats draws the heartbeats of a bar as ticks. Of many that lie too close, every so many is drawn.
  private beats(node: SVGElement, axis: Axis, row: Row, bar: Bar): void {
    let d = "";
    for (const e of this.eventsIn(row, bar).map(([, e]) => e)) {
      if (e.kind !== "heartbeat-sent") continue;
      const from = this.x(axis, e.at);
      const to = this.x(axis, e.until);
      const n = Math.max(1, Math.min(e.count, Math.floor((to - from) / 5)));
      for (let i = 0; i < n; i++) {
        d += `M${(from + (n > 1 ? (i * (to - from)) / (n - 1) : 0)).toFixed(1)} ${row.y + barHeight / 2 - 5}v5`;
      }
    }
    if (d) node.append(svg("path", { class: "beat", d }));
  }

  private eventsIn(row: Row, bar: Bar): [number, RunEvent][] {
    return row.lane.events.flatMap((i) => {
      const e = row.shown.data.event(i);
      return e && e.until >= bar.from_s && e.at <= bar.to_s ? [[i, e] as [number, RunEvent]] : [];
    });
  }

  private tellBar(row: Row, bar: Bar): Told {
    const lines = [`from ${short(bar.from_s)} to ${short(bar.to_s)}`];
    if (bar.beats) lines.push(`${count(bar.beats, "heartbeat")} kept the connection open and carried nothing`);
    const waited = row.shown.data.swim.lanes[bar.lane];
    if (waited) lines.push(`the caller waited for ${laneTitle(waited)}`);
    return {
      title: `${laneTitle(row.lane)}: ${phaseNames[bar.phase] ?? bar.phase}, ${short(bar.to_s - bar.from_s)}`,
      lines,
      events: this.eventsIn(row, bar).map(([, e]) => e),
    };
  }

  // marks draws the instants of all rows, and a dashed line from each kill to its close.
  private marks(root: SVGElement, axis: Axis): void {
    this.rows.forEach((row, index) => {
      const kill = row.lane.marks.find((m) => m.kind === "kill" || m.kind === "cut");
      const close = row.lane.marks.find((m) => m.kind === "close");
      if (kill && close) {
        const engine = kill.event < 0 ? undefined
          : this.rows.find((r) => r.shown === row.shown && r.lane.kind === "engine");
        root.append(svg("line", { class: "kill-to-close", x1: this.x(axis, kill.at_s), y1: (engine ?? row).y,
          x2: this.x(axis, close.at_s), y2: row.y }));
      }
      const drawn: { x: number; marks: Mark[] }[] = [];
      for (const mark of row.lane.marks) {
        const x = this.x(axis, mark.at_s);
        const near = drawn.find((d) => Math.abs(d.x - x) < 7);
        if (near) near.marks.push(mark);
        else drawn.push({ x, marks: [mark] });
      }
      for (const { x, marks } of drawn) this.drawMarks(root, index, x, marks);
    });
  }

  private drawMarks(root: SVGElement, index: number, x: number, marks: Mark[]): void {
    const row = this.rows[index]!;
    if (!this.inside(x, x)) return;
    const what = marks.map((m) => `${m.kind}${m.text ? `: ${m.text}` : ""}`);
    const many = marks.length > 1 ? ` (${marks.length})` : "";
    const node = svg("g", { class: "mark", "data-kind": [...new Set(marks.map((m) => m.kind))].join(" "), role: "button",
      tabindex: -1, "aria-label": `${laneTitle(row.lane)}, ${short(marks[0]!.at_s)}${many}: ${what.join("; ")}` },
      svg("circle", { class: "target", cx: x, cy: row.y, r: 9 }));
    for (const kind of new Set(marks.map((m) => m.kind))) node.append(drawGlyph(kind, x, row.y));
    root.append(node);
    if (marks.length > 1 && row.lane.kind === "engine") { // beside the button, whose name says it
      root.append(svg("text", { class: "badge", x: x + 8, y: row.y - 5, "aria-hidden": "true" }, String(marks.length)));
    }
    this.add(node, index, x, () => ({
      title: `${laneTitle(row.lane)}, ${short(marks[0]!.at_s)}`,
      lines: what,
      events: marks.flatMap((m) => row.shown.data.event(m.event) ?? []).filter((e) => e.kind !== "decided"),
    }));
  }

  private drawEvidence(root: SVGElement, axis: Axis): void {
    this.evidence.forEach((position, n) => {
      const row = this.rows.find((r) => r.lane.events.includes(position));
      const e = row?.shown.data.event(position);
      if (!row || !e) return;
      const x = this.x(axis, e.at);
      if (!this.inside(x, x)) return;
      const first = n === 0 || n === this.evidence.length - 1;
      root.append(svg("g", { class: "evidence" }, svg("circle", { cx: x, cy: row.y, r: 11 }),
        first ? svg("text", { x, y: row.y - 14, "text-anchor": this.anchor(x) }, short(e.at)) : null));
    });
  }

  // add makes an element of the drawing reachable by pointer and keyboard.
  private add(node: SVGElement, row: number, x: number, tell: () => Told, press?: () => void): void {
    const i = this.items.push({ node, row, x, tell }) - 1;
    node.addEventListener("pointerenter", () => this.card.hover(node, tell()));
    node.addEventListener("pointerleave", () => this.card.leave());
    node.addEventListener("focus", () => { this.focused = i; this.card.hover(node, tell()); });
    node.addEventListener("blur", () => this.card.leave());
    const pressed = press ?? (() => this.card.pin(node, tell()));
    node.addEventListener("click", pressed);
    node.addEventListener("keydown", (e) => {
      if (e.key !== "Enter" && e.key !== " ") return;
      e.preventDefault();
      pressed();
    });
  }
}

function instantsOf(lane: Lane): number[] {
  const all = lane.bars.flatMap((b) => [b.from_s, b.to_s]);
  all.push(...lane.marks.map((m) => m.at_s));
  if (lane.limit_s !== undefined) all.push(lane.limit_s);
  if (lane.fallback_s !== undefined) all.push(lane.fallback_s);
  return all;
}

export function laneTitle(lane: Lane): string {
  return lane.kind === "request" ? `${lane.provider} #${lane.attempt}` : lane.name;
}

// legend explains the hatching and the signs that some lanes have.
function legend(lanes: Lane[]): HTMLElement {
  const bars = lanes.flatMap((l) => l.bars);
  const marks = lanes.flatMap((l) => l.marks);
  const list = el("ul", { class: "legend", "aria-label": "Legend" });
  const sign = (text: string, ...drawn: SVGElement[]) => list.append(el("li", {},
    svg("svg", { width: 26, height: 16, "aria-hidden": "true" }, ...drawn), text));
  for (const phase of ["connect", "headers", "first content", "stall", "backoff", "answer"]) {
    if (!bars.some((b) => b.phase === phase)) continue;
    sign(phaseNames[phase] ?? phase, svg("g", { class: `bar ${phase.replace(" ", "-")}` },
      svg("rect", { x: 1, y: 1, width: 24, height: 14, rx: 2 })));
  }
  if (bars.some((b) => b.beats)) sign("heartbeats", svg("path", { class: "beat", d: "M5 5v6M11 5v6M17 5v6M23 5v6" }));
  for (const [kind, text] of markNames) if (marks.some((m) => m.kind === kind)) sign(text, drawGlyph(kind, 13, 8));
  return list;
}
