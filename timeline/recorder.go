package timeline

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultEventLimit is the default of RecorderOptions.Limit. The longest catalogue run keeps some
// 15,000 events (one token a second for two hours, seen by both sides). An engine that retries in
// a hot loop reaches any limit.
const DefaultEventLimit = 200_000

// DefaultLaneLimit bounds the lanes, and with them the requests. The worst engine of the
// catalogue sends 19 in a run.
const DefaultLaneLimit = 5_000

// RingTextLimit is how many bytes of an event's text a ring keeps. It is enough for any piece of
// a stream, and limits what a client can make a ring hold with a model's name of a megabyte.
const RingTextLimit = 1024

// A Recorder collects events as they happen. It is append-only and safe for concurrent use.
// Offsets count from its creation or its last Restart, so create it inside the run's time.
type Recorder struct {
	scale float64
	limit int
	lanes int
	ring  bool
	full  chan struct{}
	total atomic.Uint64
	late  atomic.Int64

	mu   sync.Mutex
	base time.Time
	// events holds the nth recorded event, from 0, at n modulo limit. The first dropped of them
	// are gone.
	events  []Event
	dropped int
	last    map[string]int // lane → number of its last event
	closed  bool
}

// RecorderOptions configure a Recorder.
type RecorderOptions struct {
	// Scale multiplies every offset: 60 makes a wall-clock second a minute of the scenario.
	// Default 1.
	Scale float64
	// Limit is how many events are kept. Further events are dropped and Full is closed, as with
	// more lanes than LaneLimit. Default DefaultEventLimit.
	Limit int
	// LaneLimit is how many lanes are kept. Default DefaultLaneLimit.
	LaneLimit int
	// Ring keeps the newest events instead of the first: an event beyond the limit replaces the
	// oldest, and the recorder is never full. A lane whose events are all gone begins again at
	// position 1, and texts are cut to RingTextLimit. It is for providers that run for days; a
	// judged run needs its first events.
	Ring bool
}

// NewRecorder returns a recorder whose clock starts now.
func NewRecorder(o RecorderOptions) *Recorder {
	if o.Scale == 0 {
		o.Scale = 1
	}
	if o.Limit == 0 {
		o.Limit = DefaultEventLimit
	}
	if o.LaneLimit == 0 {
		o.LaneLimit = DefaultLaneLimit
	}
	return &Recorder{
		base: time.Now(), scale: o.Scale, limit: o.Limit, lanes: o.LaneLimit, ring: o.Ring, full: make(chan struct{}),
		last: map[string]int{},
	}
}

// Record appends an event to a lane. A heartbeat, or a frame that was received, equal to the event
// before it in its lane only raises that event's count, so a stream that is held open for hours
// stays one event.
func (r *Recorder) Record(lane string, kind Kind, text string) {
	r.record(Event{Lane: lane, Kind: kind, Text: text})
}

// RecordPart appends an event of the tool call of that number, from 1; see Event.Part.
func (r *Recorder) RecordPart(lane string, kind Kind, part int, text string) {
	r.record(Event{Lane: lane, Kind: kind, Part: part, Text: text})
}

// RecordRequest appends a RequestReceived, with what the request asked for; see Event.Asked.
func (r *Recorder) RecordRequest(lane, text string, asked *Asked) {
	r.record(Event{Lane: lane, Kind: RequestReceived, Text: text, Asked: asked})
}

// record appends an event at this instant.
func (r *Recorder) record(e Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	r.total.Add(1)
	at := r.offset()
	seq := 1
	if n, ok := r.last[e.Lane]; ok {
		last := &r.events[n%r.limit]
		if e.Kind.repeats() && last.Kind == e.Kind && last.Text == e.Text {
			last.fold(at)
			return
		}
		seq = last.Seq + 1
	}
	if !r.ring && (len(r.events) >= r.limit || (seq == 1 && len(r.last) >= r.lanes)) {
		r.closed = true
		close(r.full)
		return
	}
	if r.ring {
		e.Text = shortened(e.Text)
	}
	_, _, e.Attempt, _ = parseLane(e.Lane)
	e.At, e.Until, e.Seq, e.Count, e.Text = at, at, seq, 1, strings.ToValidUTF8(e.Text, "\uFFFD")
	r.keep(e)
}

// repeats reports whether equal events of the kind in a row are one.
func (k Kind) repeats() bool {
	return k == HeartbeatSent || k == HeartbeatReceived || k == FrameReceived
}

// fold counts an equal event at an instant.
func (e *Event) fold(at time.Duration) {
	if e.Kind != HeartbeatSent {
		e.Gap = max(e.Gap, at-e.Until)
	}
	e.Count++
	e.Until = at
}

// keep stores an event, replacing the oldest one if there is no room.
func (r *Recorder) keep(e Event) {
	n := r.dropped + len(r.events)
	if len(r.events) < r.limit {
		r.events = append(r.events, e)
	} else {
		oldest := &r.events[n%r.limit]
		if r.last[oldest.Lane] == r.dropped {
			delete(r.last, oldest.Lane)
		}
		r.dropped++
		*oldest = e
	}
	r.last[e.Lane] = n
}

// shortened returns a text that a ring can keep. If it cuts the text it returns a copy, so that
// the rest does not stay in memory.
func shortened(text string) string {
	if len(text) <= RingTextLimit {
		return text
	}
	return strings.ToValidUTF8(strings.Clone(text[:RingTextLimit]), "") + "…"
}

// Dropped returns how many events a ring has dropped.
func (r *Recorder) Dropped() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.dropped
}

// Elapsed returns the scenario time since the recorder was created or restarted.
func (r *Recorder) Elapsed() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.offset()
}

// Restart forgets all events and delays, and starts the clock anew. A recorder that was full stays
// full.
func (r *Recorder) Restart() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.base = time.Now()
	r.events, r.dropped, r.last = nil, 0, map[string]int{}
	r.late.Store(0)
}

// offset returns the scenario time since the clock started. The caller holds mu.
func (r *Recorder) offset() time.Duration {
	d := time.Since(r.base)
	if r.scale == 1 {
		return d
	}
	return time.Duration(float64(d) * r.scale)
}

// Late reports by how much a wait ended after it was due, in package time.
func (r *Recorder) Late(by time.Duration) {
	scaled := int64(float64(by) * r.scale)
	for {
		known := r.late.Load()
		if scaled <= known || r.late.CompareAndSwap(known, scaled) {
			return
		}
	}
}

// Lateness returns the largest delay reported to Late, in scenario time. Each instant of the
// timeline may be off by that much. It is 0 in virtual time. It may be called from outside the
// run's time.
func (r *Recorder) Lateness() time.Duration { return time.Duration(r.late.Load()) }

// Total returns how many events were recorded so far, including dropped and folded ones. It never
// blocks, and may be called from outside the run's time to see whether the run makes progress.
func (r *Recorder) Total() uint64 { return r.total.Load() }

// Overflowed reports whether the limit was reached. Unlike Full it may be called from outside the
// run's time.
func (r *Recorder) Overflowed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}

// Full returns a channel that is closed when the limit is reached.
func (r *Recorder) Full() <-chan struct{} { return r.full }

// Events returns a copy of what was recorded so far, sorted by time, lane and position.
func (r *Recorder) Events() []Event {
	r.mu.Lock()
	events := slices.Clone(r.events)
	r.mu.Unlock()
	Sort(events)
	return events
}

// Sort sorts events by time, then lane, then position in the lane. Within a lane the position
// alone decides, because time never runs backwards there.
func Sort(events []Event) {
	slices.SortStableFunc(events, func(a, b Event) int {
		switch {
		case a.At != b.At:
			return int(max(-1, min(1, a.At-b.At)))
		case a.Lane != b.Lane:
			return strings.Compare(a.Lane, b.Lane)
		default:
			return a.Seq - b.Seq
		}
	})
}
