// The charts of a bench: how large a part of the trials had fallen back after a time, for each policy; over all
// scenarios, and for each.

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { all, el, short } from "./dom";
import { addTheme } from "./theme";

interface Cell {
  scenario: string;
  policy: string;
  trials: number;
  // The times to fallback in seconds, sorted. Trials without a fallback have none.
  fallback_s: number[];
}

const hues = ["#0a84ff", "#d1495b", "#2a9d5c", "#c77800", "#8a5cd6", "#0f9ea8", "#8d6e63", "#c2409a"];
const dashes = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 2]];
// round are the times that an axis may name.
const round = [1e-3, 0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 36000, 86400];
const least = 1e-3; // seconds; a logarithm has no 0

const cells = JSON.parse(document.getElementById("bench-data")?.textContent ?? "[]") as Cell[];
const policies = [...new Set(cells.map((c) => c.policy))];
let charts: uPlot[] = [];

// color returns what a custom property is in the theme of the page.
function color(name: string): string {
  const probe = el("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

// apart leaves out times that would be written over others.
function apart(u: uPlot, times: number[]): number[] {
  let last = -Infinity;
  return times.filter((t) => {
    const x = u.valToPos(t, "x");
    if (x - last < 38) return false;
    last = x;
    return true;
  });
}

// steps returns, for each policy, the part of its trials that had fallen back by each time of `xs`.
function steps(some: Cell[], xs: number[]): (number | null)[][] {
  return policies.map((policy) => {
    const own = some.filter((c) => c.policy === policy);
    const trials = own.reduce((n, c) => n + c.trials, 0);
    const times = own.flatMap((c) => c.fallback_s).sort((a, b) => a - b);
    let n = 0;
    return xs.map((x) => {
      while (n < times.length && Math.max(least, times[n]!) <= x) n++;
      return trials === 0 ? null : n / trials;
    });
  });
}

function chart(place: HTMLElement, some: Cell[], height: number, legend: boolean): void {
  const times = some.flatMap((c) => c.fallback_s).map((s) => Math.max(least, s));
  if (times.length === 0) {
    place.replaceChildren(el("p", { class: "note" }, "No trial fell back."));
    return;
  }
  const xs = [...new Set(times)].sort((a, b) => a - b);
  xs.unshift(xs[0]! * 0.8);
  xs.push(xs.at(-1)! * 1.25);
  const axis = { stroke: color("--quiet"), grid: { stroke: color("--line"), width: 1 }, ticks: { stroke: color("--line") } };
  place.replaceChildren();
  charts.push(new uPlot({
    width: Math.max(260, place.clientWidth), height, legend: { show: legend, live: false }, cursor: { show: legend, drag: { x: true, y: false } },
    scales: { x: { time: false, distr: 3, range: (_, low, high) => [low, high] }, y: { range: [0, 1.02] } },
    axes: [
      {
        ...axis,
        splits: (u, _, low, high) => apart(u, round.filter((t) => t >= low && t <= high)),
        filter: (_, at) => at,
        values: (_, at) => at.map((t) => (t < 3600 ? short(t) : `${t / 3600}h`).replace(/m0s$/, "m")),
      },
      { ...axis, size: 48, values: (_, at) => at.map((p) => `${Math.round(p * 100)}%`) },
    ],
    series: [{}, ...policies.map((label, i) => ({
      label, stroke: hues[i % hues.length]!, width: 2, dash: dashes[Math.floor(i / 2) % dashes.length]!,
      points: { show: false }, paths: uPlot.paths.stepped!({ align: 1 }),
    }))],
  }, [xs, ...steps(some, xs)], place));
}

function draw(): void {
  for (const c of charts) c.destroy();
  charts = [];
  for (const place of all<HTMLElement>("[data-chart]")) {
    const { chart: scenario } = place.dataset;
    const some = scenario === "" ? cells : cells.filter((c) => c.scenario === scenario);
    chart(place, some, scenario === "" ? 360 : 170, scenario === "");
  }
}

addTheme(document.querySelector<HTMLElement>("header .actions")!, draw);
let width = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === width) return;
  width = innerWidth;
  draw();
});
draw();
document.documentElement.dataset["ready"] = "1";
