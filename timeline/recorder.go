package timeline

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultEventLimit bounds a recorder that was given no limit of its own. The longest catalogue run keeps
// some 15,000 events (one token a second for two hours, seen by both sides); an engine that retries in
// a hot loop reaches any limit.
const DefaultEventLimit = 200_000

// DefaultLaneLimit bounds the lanes, and with them the requests: the worst engine of the catalogue sends 19 in a run.
const DefaultLaneLimit = 5_000

// RingTextLimit is how many bytes of an event's text a ring keeps: enough for any piece of a stream, and a bound on what a
// client can make a ring hold with a model's name of a megabyte.
const RingTextLimit = 1024

// A Recorder collects events as they happen. It is append-only and safe for concurrent use. Offsets
// count from its creation, so create it inside the run's time.
type Recorder struct {
	base  time.Time
	scale float64
	limit int
	ring  bool
	full  chan struct{}
	total atomic.Uint64
	late  atomic.Int64

	mu sync.Mutex
	// events holds the nth event recorded, from 0, at n modulo limit. The first of them, dropped in number, are gone.
	events  []Event
	dropped int
	last    map[string]int // lane → number of its last event
	closed  bool
}

// RecorderOptions configure a Recorder.
type RecorderOptions struct {
	// Scale multiplies every offset; 60 makes one second of the wall a minute of the scenario. Default 1.
	Scale float64
	// Limit is how many events are kept; what comes later is dropped and Full is closed, as it is when there are
	// more than DefaultLaneLimit lanes. Default DefaultEventLimit.
	Limit int
	// Ring keeps the newest events instead of the first: an event beyond the limit takes the place of the oldest, and the
	// recorder is never full. A lane of which nothing is left begins anew at position 1, and texts are cut to
	// RingTextLimit. For providers that stand for days; a run that is judged needs its first events.
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
	return &Recorder{base: time.Now(), scale: o.Scale, limit: o.Limit, ring: o.Ring, full: make(chan struct{}), last: map[string]int{}}
}

// Record appends an event to a lane. Heartbeats equal to the one before them in their lane only raise
// its count, so a stream held open for hours stays one event.
func (r *Recorder) Record(lane string, kind Kind, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	r.total.Add(1)
	at := r.offset()
	seq := 1
	if n, ok := r.last[lane]; ok {
		last := &r.events[n%r.limit]
		if kind == HeartbeatSent && last.Kind == kind && last.Text == text {
			last.Count++
			last.Until = at
			return
		}
		seq = last.Seq + 1
	}
	if !r.ring && (len(r.events) >= r.limit || (seq == 1 && len(r.last) >= DefaultLaneLimit)) {
		r.closed = true
		close(r.full)
		return
	}
	if r.ring {
		text = shortened(text)
	}
	_, _, attempt, _ := parseLane(lane)
	r.keep(Event{
		At: at, Lane: lane, Seq: seq, Attempt: attempt, Kind: kind, Text: strings.ToValidUTF8(text, "\uFFFD"), Count: 1, Until: at,
	})
}

// keep stores an event, in the place of the oldest where there is no room left.
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

// shortened is a text that a ring can keep. It is a copy where it was cut, so that the rest of it is not kept with it.
func shortened(text string) string {
	if len(text) <= RingTextLimit {
		return text
	}
	return strings.ToValidUTF8(strings.Clone(text[:RingTextLimit]), "") + "…"
}

// Dropped returns how many of its oldest events a ring has let go.
func (r *Recorder) Dropped() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.dropped
}

// Elapsed returns the scenario time since the recorder was made.
func (r *Recorder) Elapsed() time.Duration {
	return r.offset()
}

func (r *Recorder) offset() time.Duration {
	d := time.Since(r.base)
	if r.scale == 1 {
		return d
	}
	return time.Duration(float64(d) * r.scale)
}

// Late notes by how much a wait came to its end after it was due, in package time.
func (r *Recorder) Late(by time.Duration) {
	scaled := int64(float64(by) * r.scale)
	for {
		known := r.late.Load()
		if scaled <= known || r.late.CompareAndSwap(known, scaled) {
			return
		}
	}
}

// Lateness is the most that was noted as late, in scenario time: how far off the instants of the timeline may be. In virtual time it
// is 0. It may be asked from outside the run's time.
func (r *Recorder) Lateness() time.Duration { return time.Duration(r.late.Load()) }

// Total returns how many events were recorded so far, dropped and folded ones included. It never blocks
// and may be called from outside the run's time, to see whether the run makes progress.
func (r *Recorder) Total() uint64 { return r.total.Load() }

// Overflowed says whether the limit was reached. Unlike Full it may be asked from outside the run's time.
func (r *Recorder) Overflowed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}

// Full is closed when the limit was reached.
func (r *Recorder) Full() <-chan struct{} { return r.full }

// Events returns a copy of what was recorded so far, by time, then lane, then position.
func (r *Recorder) Events() []Event {
	r.mu.Lock()
	oldest := 0
	if r.dropped > 0 {
		oldest = r.dropped % r.limit
	}
	events := slices.Concat(r.events[oldest:], r.events[:oldest])
	r.mu.Unlock()
	Sort(events)
	return events
}

// Sort orders events by time, then lane, then position in the lane. Within a lane the position alone
// decides, because time never runs backwards there.
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
