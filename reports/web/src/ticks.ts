// The times below the axis.

import { niceStep, type Axis } from "./axis";
import { short } from "./dom";

export interface Tick {
  x: number;
  text: string;
}

const apart = 64; // pixels that a time takes

// ticks returns round times on the stretches that keep their proportions, and those around each folded one, as far as
// there is room. a and b are the part of the axis that is shown, width its pixels.
export function ticks(axis: Axis, a: number, b: number, width: number): Tick[] {
  const place = (t: number) => ((axis.of(t) - a) / (b - a)) * width;
  const taken = axis.folds.map((p) => [place(p.from), place(p.to)] as const);
  const all: Tick[] = [];
  const put = (t: number, text: string) => {
    const x = place(t);
    if (x < -1 || x > width + 1 || all.some((other) => Math.abs(other.x - x) < apart)) return;
    if (taken.some(([from, to]) => to - from > 44 && x > from - 34 && x < to + 34)) return;
    all.push({ x, text });
  };
  put(0, "0s");
  const end = axis.pieces.at(-1)?.to ?? 0;
  put(end, short(end));
  for (const p of axis.pieces) {
    const pixels = ((p.right - p.left) / (b - a)) * width;
    if (p.folded || pixels < apart) {
      put(p.from, short(p.from));
      continue;
    }
    const step = niceStep(((p.to - p.from) / pixels) * apart * 1.4);
    const shown = (x: number) => p.from + ((x - p.left) / (p.right - p.left)) * (p.to - p.from);
    const last = Math.min(p.to, shown(Math.max(p.left, b)));
    let t = Math.ceil(Math.max(p.from, shown(Math.max(p.left, a))) / step) * step;
    for (let n = 0; t <= last && n < 200; t += step, n++) put(t, round(t, step));
  }
  return all;
}

// round writes a time without the digits that a step does not need.
function round(t: number, step: number): string {
  const places = Math.max(0, -Math.floor(Math.log10(step)));
  return t < 60 && step < 1 ? `${t.toFixed(places)}s` : short(Number(t.toFixed(places)));
}
