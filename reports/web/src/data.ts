// The data that the page carries for each run with a timeline: the lanes of reports/swim.go, and the events.

export type Phase = "connect" | "headers" | "first content" | "stall" | "backoff" | "answer";

export interface Bar {
  from_s: number;
  to_s: number;
  phase: Phase;
  beats?: number;
  lane: number;
}

export type MarkKind = "kill" | "cut" | "close" | "broken" | "answered" | "failed" | "decided";

export interface Mark {
  at_s: number;
  kind: MarkKind;
  text?: string;
  event: number;
}

export interface Lane {
  kind: "caller" | "engine" | "request";
  name: string;
  provider?: string;
  call?: number;
  attempt?: number;
  bars: Bar[];
  marks: Mark[];
  limit_s?: number;
  fallback_s?: number;
  events: number[];
}

export interface Swim {
  lanes: Lane[];
  end_s: number;
}

export interface RunEvent {
  at: number;
  until: number;
  lane: string;
  kind: string;
  text: string;
  count: number;
}

type Row = [at: number, lane: number, kind: string, text?: string, count?: number, until?: number];

interface Stored {
  swim: Swim;
  lanes: string[];
  events: Row[];
  // The page leaves out `skipped` events from position `skip_at` on, in a run of very many.
  skip_at?: number;
  skipped?: number;
}

export class RunData {
  readonly swim: Swim;
  readonly skipped: number;
  private readonly events = new Map<number, RunEvent>();

  constructor(stored: Stored) {
    this.swim = stored.swim;
    this.skipped = stored.skipped ?? 0;
    stored.events.forEach(([at, lane, kind, text, count, until], i) => {
      const position = this.skipped > 0 && i >= (stored.skip_at ?? 0) ? i + this.skipped : i;
      this.events.set(position, {
        at, kind, lane: stored.lanes[lane] ?? "", text: text ?? "", count: count ?? 1, until: until ?? at,
      });
    });
  }

  event(position: number): RunEvent | undefined {
    return this.events.get(position);
  }

  list(): [number, RunEvent][] {
    return [...this.events];
  }
}

const read = new Map<string, RunData | null>();

// dataOf returns what the page carries for a run, null without a timeline.
export function dataOf(run: string): RunData | null {
  let data = read.get(run);
  if (data === undefined) {
    const text = document.getElementById(`data-${run}`)?.textContent;
    data = text ? new RunData(JSON.parse(text) as Stored) : null;
    read.set(run, data);
  }
  return data;
}
