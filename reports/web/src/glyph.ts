// The signs of instants. Each has a form of its own, so that none depends on colour.

import type { MarkKind } from "./data";
import { svg } from "./dom";

const paths: Record<MarkKind, string> = {
  kill: "M-5 -5L5 5M-5 5L5 -5",
  cut: "M0 -8V8",
  close: "M-7.5 0a7.5 7.5 0 1 0 15 0a7.5 7.5 0 1 0 -15 0",
  broken: "M2 -7L-3 0H3L-2 7",
  answered: "M-5 0L-1.5 4L5 -5",
  failed: "M-5 -5L5 5M-5 5L5 -5",
  decided: "M0 -6L6 0L0 6L-6 0Z",
};

export function drawGlyph(kind: MarkKind, x: number, y: number): SVGPathElement {
  return svg("path", { class: `glyph ${kind}`, d: paths[kind], transform: `translate(${x.toFixed(1)} ${y})` });
}
