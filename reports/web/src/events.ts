// The table of all events of a run, which is also what the lanes say in words.

import type { RunData } from "./data";
import { count, el, short } from "./dom";

const mostRows = 2000;

// eventTable returns the closed table. Its rows are made when it is opened.
export function eventTable(data: RunData): HTMLElement {
  const events = data.list();
  const details = el("details", { class: "events" }, el("summary", {}, `All ${count(events.length + data.skipped, "event")}`));
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(rows());
  });
  const rows = () => {
    const body = el("tbody");
    for (const [position, e] of events.slice(0, mostRows)) {
      body.append(el("tr", {},
        el("td", { class: "number" }, String(position)),
        el("td", { class: "number" }, e.count > 1 ? `${short(e.at)} \u2013 ${short(e.until)}` : short(e.at)),
        el("td", {}, laneName(e.lane)),
        el("td", {}, e.kind + (e.count > 1 ? ` \u00d7${e.count}` : "")),
        el("td", {}, el("code", {}, e.text))));
    }
    const head = el("thead", {}, el("tr", {}, ...["event", "time", "lane", "kind", "text"].map((name) => el("th", { scope: "col" }, name))));
    const left = events.length + data.skipped - Math.min(events.length, mostRows);
    return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Events" }, el("table", {}, head, body),
      left > 0 ? el("p", {}, `${count(left, "further event")}: see the JSON report`) : null);
  };
  return details;
}

// laneName shortens the name of a lane, "provider/primary/call-1/attempt-2" to "primary #2".
function laneName(lane: string): string {
  return lane.replace(/^client\//, "").replace(/^provider\/(.*)\/call-\d+\/attempt-(\d+)$/, "$1 #$2");
}
