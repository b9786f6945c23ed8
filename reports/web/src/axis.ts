// A time axis that folds long stretches in which nothing begins or ends. What is left keeps its proportions.

export interface Piece {
  from: number;
  to: number;
  // Where the piece lies on the axis, from 0 to 1.
  left: number;
  right: number;
  folded: boolean;
}

// Stretches are folded from the longest on: together more than half of the time, and each this many times as long as
// those that stay.
const muchLonger = 3;
const shortestFold = 1; // second
const mostFolds = 40;
const mostFolded = 0.66; // of the axis

// toFold returns how long a stretch has to be to be folded, Infinity if none is.
export function toFold(lengths: number[]): number {
  const sorted = lengths.filter((l) => l > 0).sort((a, b) => b - a);
  const total = sorted.reduce((sum, l) => sum + l, 0);
  let folded = 0;
  for (let i = 0; i < Math.min(sorted.length - 1, mostFolds); i++) {
    const length = sorted[i] ?? 0;
    folded += length;
    if (length < shortestFold) break;
    if (folded > total / 2 && length > muchLonger * (sorted[i + 1] ?? 0)) return length;
  }
  return Infinity;
}

export class Axis {
  readonly pieces: Piece[] = [];

  // instants are the times at which something begins or ends. opened holds the beginnings of stretches that stay
  // unfolded. foldWidth is the part of the axis that a folded stretch should take; the fewer others there are, the more it gets.
  constructor(instants: number[], end: number, broken: boolean, opened: ReadonlySet<number>, foldWidth: number) {
    const at = [...new Set([0, ...instants.filter((t) => t > 0 && t <= end), end])].sort((a, b) => a - b);
    const lengths = at.slice(1).map((t, i) => t - (at[i] ?? 0));
    const limit = broken ? toFold(lengths) : Infinity;
    const isFolded = (i: number) => (lengths[i] ?? 0) >= limit && !opened.has(at[i] ?? -1);
    const folds = lengths.filter((_, i) => isFolded(i)).length;
    const share = Math.min(mostFolded, Math.max(folds * foldWidth, (1.5 * folds) / lengths.length));
    const width = folds === 0 ? 0 : share / folds;
    const open = lengths.reduce((sum, l, i) => (isFolded(i) ? sum : sum + l), 0);
    let x = 0;
    lengths.forEach((length, i) => {
      const folded = isFolded(i);
      const part = open === 0 ? 1 / Math.max(1, folds) : (1 - folds * width) * (length / open);
      const right = x + (folded && open > 0 ? width : part);
      this.pieces.push({ from: at[i] ?? 0, to: at[i + 1] ?? 0, left: x, right, folded });
      x = right;
    });
  }

  // of returns the place of a time, from 0 to 1.
  of(t: number): number {
    const last = this.pieces.at(-1);
    if (!last || t <= 0) return 0;
    if (t >= last.to) return 1;
    let low = 0;
    let high = this.pieces.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.pieces[middle]?.to ?? 0) <= t) low = middle + 1;
      else high = middle;
    }
    const p = this.pieces[low] ?? last;
    return p.left + ((t - p.from) / (p.to - p.from)) * (p.right - p.left);
  }

  get folds(): Piece[] {
    return this.pieces.filter((p) => p.folded);
  }
}

// niceStep returns a round number of seconds that is at least `least`.
export function niceStep(least: number): number {
  const round = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];
  if (least > 1) return round.find((r) => r >= least) ?? Math.ceil(least / 86400) * 86400;
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5, 10].find((r) => r * power >= least * 0.999) ?? 10) * power;
}
