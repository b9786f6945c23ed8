// Two runs on one axis, and what differs between them.

import { dataOf, type Lane, type RunData } from "./data";
import { all, button, el } from "./dom";
import { LanesView, type Shown } from "./lanes";

interface Facts {
  label: string;
  sentence: string;
  values: Map<string, string>;
}

// factsOf reads what the page says of a run.
function factsOf(section: HTMLElement): Facts {
  const values = new Map<string, string>([["verdict", section.dataset["verdict"] ?? ""]]);
  for (const term of all("dl.facts dt", section)) {
    values.set(term.textContent ?? "", term.nextElementSibling?.textContent ?? "");
  }
  for (const item of all<HTMLElement>("ol.expectations > li", section)) {
    const message = item.querySelector(".message")?.textContent ?? "";
    values.set(item.querySelector("h4")?.textContent ?? "", `${item.dataset["verdict"]}: ${message}`);
  }
  return { label: section.dataset["label"] ?? "", sentence: section.querySelector(".sentence")?.textContent ?? "", values };
}

// signature is equal for lanes that show the same.
function signature(lane: Lane): string {
  const bars = lane.bars.map((b) => [b.from_s, b.to_s, b.phase, b.beats]);
  return JSON.stringify([lane.kind, lane.provider, lane.attempt, bars, lane.marks.map((m) => [m.at_s, m.kind, m.text])]);
}

export class Compare {
  private readonly section = el("section", { id: "compare", "data-title": "chaosrun: two runs compared", hidden: true });

  constructor(main: Element) {
    main.append(this.section);
  }

  // open fills the section for two runs. It returns null if one of them is not in the page.
  open(a: string, b: string): HTMLElement | null {
    const sections = [a, b].map((id) => document.getElementById(`run-${id}`));
    const [first, second] = sections;
    if (!first || !second) return null;
    const facts = [factsOf(first), factsOf(second)] as const;
    const lanes = el("div", { class: "lanes" });
    this.section.replaceChildren(
      el("p", { class: "back" }, el("a", { href: "#overview" }, "\u2190 Overview")),
      el("h2", { tabindex: -1 }, "Two runs compared"),
      el("ul", { class: "compared" }, ...facts.map((f, i) => el("li", {},
        el("a", { href: `#run-${[a, b][i]}` }, f.label), ` ${f.sentence}`))),
      lanes,
      this.differences(facts));
    this.drawing(lanes, facts, [dataOf(a), dataOf(b)]);
    return this.section;
  }

  private drawing(place: HTMLElement, facts: readonly [Facts, Facts], data: (RunData | null)[]): void {
    const [first, second] = data;
    if (!first || !second) {
      place.append(el("p", { class: "note" }, "The timeline of one of the two was not kept: --timeline all keeps it."));
      return;
    }
    const equal = new Set(first.swim.lanes.map(signature));
    const other = new Set(second.swim.lanes.map(signature));
    const both = [...equal].filter((s) => other.has(s)).length;
    const shown = (every: boolean): Shown[] => [first, second].map((d, i) => ({
      heading: facts[i]!.label, data: d,
      lanes: d.swim.lanes.filter((l) => every || l.kind === "caller" || !(equal.has(signature(l)) && other.has(signature(l)))),
    }));
    const draw = (every: boolean) => {
      const host = el("div");
      place.replaceChildren(host);
      new LanesView(host, shown(every));
      if (both === 0) return;
      place.append(button(every ? "Hide equal lanes" : `Show ${both} equal lanes`, { class: "equal" }, () => draw(!every)));
    };
    draw(false);
  }

  // differences is a table of all that the two runs do not share.
  private differences([a, b]: readonly [Facts, Facts]): HTMLElement {
    const names = [...new Set([...a.values.keys(), ...b.values.keys()])];
    const different = names.filter((n) => a.values.get(n) !== b.values.get(n));
    const head = el("tr", {}, el("th", { scope: "col" }, "what differs"),
      ...[a, b].map((f) => el("th", { scope: "col" }, f.label)));
    const rows = different.map((n) => el("tr", {}, el("th", { scope: "row" }, n),
      ...[a, b].map((f) => el("td", {}, f.values.get(n) ?? "\u2013"))));
    return el("div", {}, el("table", { class: "differences" }, el("thead", {}, head), el("tbody", {}, ...rows)),
      el("p", { class: "note" }, `${names.length - different.length} of ${names.length} facts are equal.`));
  }
}
