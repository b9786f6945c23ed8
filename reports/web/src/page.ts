// The script of a report. Everything but the drawings is in the page without it; this shows one part at a time, draws the
// lanes, filters the table and compares two runs.

import { Compare } from "./compare";
import { dataOf } from "./data";
import { all, button, el } from "./dom";
import { LanesView } from "./lanes";
import { eventTable } from "./events";
import { Overview } from "./overview";
import { addTheme } from "./theme";

const overview = document.getElementById("overview")!;
const views = new Map<string, LanesView>();

// openRun draws what the page left to the script, once.
function openRun(section: HTMLElement, id: string): void {
  if (views.has(id) || section.dataset["open"]) return;
  section.dataset["open"] = "1";
  const data = dataOf(id);
  const place = section.querySelector<HTMLElement>(".lanes");
  for (const copy of all<HTMLElement>("[data-copy]", section)) addCopy(copy);
  addOthers(section, id);
  if (!data || !place) return;
  const view = new LanesView(place, [{ heading: "", data, lanes: data.swim.lanes }]);
  views.set(id, view);
  for (const item of all<HTMLElement>("li[data-events]", section)) addEvidence(item, view, section);
  place.after(eventTable(data));
}

const mostOthers = 8;

// addOthers links the runs of the same scenario by other targets or policies, and what differs from them.
function addOthers(section: HTMLElement, id: string): void {
  const row = overview.querySelector(`a[href="#run-${id}"]`)?.closest("tr");
  if (!row) return;
  const others = all<HTMLElement>("td[data-run]", row).filter((td) => td.dataset["run"] !== id);
  for (const { dataset } of others.slice(0, mostOthers)) {
    const { run, label, verdict } = dataset;
    section.querySelector(".back")?.append(el("span", {}, el("a", { href: `#run-${run}` }, label), ` ${verdict} (`,
      el("a", { href: `#compare-${id}-${run}`, "aria-label": `compare with ${label}` }, "compare"), ")"));
  }
}

// addEvidence makes an expectation show its events in the lanes.
function addEvidence(item: HTMLElement, view: LanesView, section: HTMLElement): void {
  const events = (item.dataset["events"] ?? "").split(" ").filter(Boolean).map(Number);
  if (events.length === 0) return;
  const name = item.querySelector("h4")!;
  const b = button(name.textContent ?? "", { class: "evidence-button", "aria-pressed": "false",
    title: "Show the evidence in the lanes" }, () => {
    const on = b.getAttribute("aria-pressed") !== "true";
    for (const other of all(".evidence-button", section)) other.setAttribute("aria-pressed", "false");
    b.setAttribute("aria-pressed", String(on));
    view.show(on ? events : []);
  });
  name.replaceChildren(b);
}

function addCopy(code: HTMLElement): void {
  const b = button("Copy", { class: "copy" }, () => {
    void copyText(code.textContent ?? "").then((ok) => {
      b.textContent = ok ? "Copied" : "Select it and press Ctrl+C";
      setTimeout(() => { b.textContent = "Copy"; }, 2000);
    });
  });
  code.after(b);
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = el("textarea", { class: "off-screen", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const ok = document.execCommand("copy");
    area.remove();
    return ok;
  }
}

// show shows the part of the page that the address names, so that the browser's back button works.
function show(first: boolean): void {
  const name = location.hash.slice(1);
  const compared = /^compare-(\d+)-(\d+)$/.exec(name);
  const run = document.getElementById(name);
  for (const section of all<HTMLElement>("main > section")) section.hidden = true;
  let shown: HTMLElement = overview;
  if (compared) shown = compare.open(compared[1]!, compared[2]!) ?? overview;
  else if (run?.matches("section.run")) shown = run;
  shown.hidden = false;
  document.title = shown.dataset["title"] ?? "chaosrun report";
  if (shown === run) openRun(run, name.slice("run-".length));
  if (first && shown === overview) return;
  scrollTo(0, shown === overview ? table.scrolled : 0);
  shown.querySelector<HTMLElement>("h2")?.focus({ preventScroll: true });
}

const compare = new Compare(document.querySelector("main")!);
const table = new Overview(overview);
addTheme(document.querySelector<HTMLElement>("header .actions")!);
for (const heading of all("main > section > h2")) heading.setAttribute("tabindex", "-1");
addEventListener("hashchange", () => show(false));
show(true);
document.documentElement.dataset["ready"] = "1";
