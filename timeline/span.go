package timeline

import "time"

// A Phase is what a call waits for at one time.
type Phase string

// The phases, in the order in which an attempt goes through them. [Phases] says what each is.
const (
	Connect      Phase = "connect"
	Headers      Phase = "headers"
	FirstContent Phase = "first content"
	Stall        Phase = "stall"
	Backoff      Phase = "backoff"
	Answering    Phase = "answer"
)

// A Span is a part of a call's time, or of an attempt's, with one phase. It is longer than 0.
type Span struct {
	From, To time.Duration
	Phase    Phase
	// Attempt is the position in CallAttempts of the attempt that the call waited for, -1 if none
	// was under way. It is 0 in the spans of an attempt.
	Attempt int
}

// Spans cuts the time of call n, from 1, into what it waited for. They follow each other without
// gaps from [Timeline.Origin] to the call's end, and [Measures.WhereTimeWent] is their sum. It is
// nil for a call that never started.
func (t Timeline) Spans(n int) []Span {
	client, ok := t.Client(n)
	if !ok {
		return nil
	}
	return spans(t.Origin(n), client, t.CallAttempts(n))
}

// Spans cuts the attempt's own time, from its start to its end, into phases.
func (a Attempt) Spans() []Span {
	w := spanner{now: a.Start}
	w.attempt(a, a.End)
	return w.all
}

// spans walks the attempts in order of arrival. The latest attempt under way owns the time,
// because an engine that started another one no longer waits for the earlier one alone.
func spans(origin time.Duration, c Client, attempts []Attempt) []Span {
	w := spanner{now: origin}
	for i, a := range attempts {
		start := min(a.Start, c.End) // a request behind the end is no part of the call
		w.at = -1
		if i == 0 {
			w.spend(Connect, start)
		} else {
			w.spend(Backoff, start)
		}
		end := c.End
		if i+1 < len(attempts) {
			end = min(end, attempts[i+1].Start)
		}
		if !a.Open && i+1 < len(attempts) {
			end = min(end, a.End)
		}
		w.at = i
		w.attempt(a, max(w.now, end))
	}
	w.at = -1
	w.spend(Backoff, c.End)
	return w.all
}

// A spanner appends spans up to later and later instants.
type spanner struct {
	now time.Duration
	at  int // the attempt's position
	all []Span
}

// spend ends a phase, if it is not over.
func (w *spanner) spend(phase Phase, until time.Duration) {
	if until <= w.now {
		return
	}
	w.all = append(w.all, Span{From: w.now, To: until, Phase: phase, Attempt: w.at})
	w.now = until
}

// attempt cuts the time of one attempt, until an instant.
func (w *spanner) attempt(a Attempt, to time.Duration) {
	arrived := a.Arrived
	if arrived < 0 {
		arrived = to
	}
	w.spend(Connect, min(arrived, to))
	if a.Headers < 0 {
		w.spend(Headers, to)
		return
	}
	w.spend(Headers, min(a.Headers, to))
	switch {
	case a.FirstContent < 0 && !a.Finished:
		w.spend(Stall, to)
	case a.FirstContent < 0:
		w.spend(Answering, to)
	case a.Finished:
		w.spend(FirstContent, min(a.FirstContent, to))
		w.spend(Answering, to)
	default:
		w.spend(FirstContent, min(a.FirstContent, to))
		w.spend(Answering, min(a.LastContent, to))
		w.spend(Stall, to)
	}
}

// phases adds up the spans of a call.
func phases(all []Span) (p Phases) {
	sums := map[Phase]*Seconds{
		Connect: &p.Connect, Headers: &p.Headers, FirstContent: &p.FirstContent, Stall: &p.Stall, Backoff: &p.Backoff,
		Answering: &p.Answer,
	}
	for _, s := range all {
		*sums[s.Phase] += Seconds(s.To - s.From)
	}
	return p
}
