// The overview: search, filters, and the choice of two cells to compare.

import { all, button, count, el } from "./dom";

export class Overview {
  // scrolled is how far the overview was scrolled when it was left.
  scrolled = 0;
  private readonly rows: HTMLTableRowElement[];
  private readonly cells: HTMLTableCellElement[];
  private readonly search = el("input", { id: "search", type: "search", placeholder: "scenario, title, tag", "aria-label": "Search scenarios" });
  private readonly verdict = el("select", { id: "filter-verdict", "aria-label": "Verdict" });
  private readonly target = el("select", { id: "filter-target", "aria-label": "Target or policy" });
  private readonly status = el("output", { id: "count", for: "search filter-verdict filter-target" });
  private readonly choose: HTMLButtonElement;
  private chosen: HTMLTableCellElement[] = [];

  constructor(private readonly section: HTMLElement) {
    this.rows = all<HTMLTableRowElement>("#matrix tbody tr", section);
    this.cells = all<HTMLTableCellElement>("#matrix td[data-verdict]", section);
    this.options(this.verdict, "all verdicts", "verdict");
    this.options(this.target, "all targets", "label");
    this.choose = button("Compare two", { id: "compare-mode", "aria-pressed": "false" }, () => this.choosing(!this.isChoosing));
    const bar = el("div", { class: "tools", role: "search" }, this.search, this.verdict, this.target, this.choose, this.status);
    section.querySelector("#matrix-tools")?.replaceChildren(bar);
    for (const control of [this.search, this.verdict, this.target]) control.addEventListener("input", () => this.filter());
    section.addEventListener("click", (e) => this.click(e));
    this.filter();
  }

  private options(select: HTMLSelectElement, first: string, key: string): void {
    select.append(el("option", { value: "" }, first));
    for (const value of new Set(this.cells.map((c) => c.dataset[key] ?? ""))) select.append(el("option", { value }, value));
  }

  private get isChoosing(): boolean {
    return this.section.classList.contains("choosing");
  }

  private filter(): void {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const { value: verdict } = this.verdict;
    const { value: target } = this.target;
    let rows = 0;
    let cells = 0;
    for (const th of all<HTMLElement>("#matrix thead [data-label]", this.section)) th.hidden = target !== "" && th.dataset["label"] !== target;
    for (const row of this.rows) {
      const text = row.dataset["text"] ?? "";
      let some = 0;
      for (const cell of all<HTMLElement>("td[data-label]", row)) {
        cell.hidden = target !== "" && cell.dataset["label"] !== target;
        const fits = !cell.hidden && cell.dataset["verdict"] !== undefined && (verdict === "" || cell.dataset["verdict"] === verdict);
        cell.classList.toggle("faded", !fits);
        if (fits) some++;
      }
      row.hidden = some === 0 || !words.every((w) => text.includes(w));
      if (row.hidden) continue;
      rows++;
      cells += some;
    }
    this.status.textContent = `${count(rows, "scenario")}, ${count(cells, "cell")}`;
  }

  private choosing(on: boolean): void {
    this.section.classList.toggle("choosing", on);
    this.choose.setAttribute("aria-pressed", String(on));
    this.choose.textContent = on ? "Choose the first cell" : "Compare two";
    for (const cell of this.chosen) cell.classList.remove("chosen");
    this.chosen = [];
  }

  private click(e: Event): void {
    const link = (e.target as Element).closest<HTMLAnchorElement>('a[href^="#run-"]');
    if (!link) return;
    this.scrolled = scrollY;
    const cell = link.closest("td");
    if (!this.isChoosing || !cell) return;
    e.preventDefault();
    cell.classList.add("chosen");
    this.chosen.push(cell);
    this.choose.textContent = "Choose the second cell";
    if (this.chosen.length < 2) return;
    const [a, b] = this.chosen.map((c) => c.dataset["run"]);
    this.choosing(false);
    location.hash = `#compare-${a}-${b}`;
  }
}
