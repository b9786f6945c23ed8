package assertions

import (
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// An Advising expectation tells what to change when it fails. An expectation that is not Advising
// leaves that to the fault that a request of the run met.
type Advising interface {
	Expectation
	// Advise returns what to change in an engine that failed with f, or "" if the fault knows
	// better. It is one line of at most 100 characters that begins with a verb and a small letter,
	// without a full stop: "close the response of an attempt when you give it up".
	Advise(t timeline.Timeline, f Finding) string
}

var (
	_ Advising = Answer{}
	_ Advising = Attempts{}
	_ Advising = ClientWire{}
	_ Advising = ConnectionClosed{}
	_ Advising = HangUp{}
	_ Advising = NoFallback{}
	_ Advising = NoLeaks{}
	_ Advising = TimeToAnswer{}
	_ Advising = TimeToFallback{}
	_ Advising = TimeToFirstContent{}
)

// Advice returns in one line what to change in an engine that failed an expectation, and "" if the
// finding is no failure, or if nobody knows.
func Advice(e Expectation, t timeline.Timeline, f Finding) string {
	if f.Verdict != Failed && f.Verdict != Partial {
		return ""
	}
	if a, ok := e.(Advising); ok {
		if said := a.Advise(t, f); said != "" {
			return said
		}
	}
	return anyRight(t)
}

// anyRight returns what is right about the first fault that a request of the run met, or "".
func anyRight(t timeline.Timeline) string {
	for _, a := range t.Attempts() {
		if said := right(t, a); said != "" {
			return said
		}
	}
	return ""
}

// right returns what is right about the fault that an attempt met, or "". Of several faults at once
// the last one counts, which the others only carry.
func right(t timeline.Timeline, a timeline.Attempt) string {
	met := t.Run.MetBy(a)
	if len(met) == 0 {
		return ""
	}
	return met[len(met)-1].Right
}

// callOf returns what the caller of the call saw that a finding is about: the call of its first
// event that is a caller's, else the first call.
func callOf(t timeline.Timeline, f Finding) (timeline.Client, bool) {
	first, ok := t.Client(1)
	for n := 1; ; n++ {
		client, more := t.Client(n)
		if !more {
			return first, ok
		}
		if client.Started >= 0 && slices.Contains(f.Events, client.Started) {
			return client, true
		}
	}
}

// adviseSooner tells how a measure gets shorter, or happens at all.
func adviseSooner(t timeline.Timeline, f Finding, limit time.Duration, value measured) string {
	c, ok := callOf(t, f)
	if !ok {
		return ""
	}
	if took := value(t.Measures(c.Call)); took != nil {
		return adviseFaster(t, c, t.Origin(c.Call)+took.Duration(), limit)
	}
	outcome, _ := t.Outcome(c.Call)
	switch {
	case c.Ending == timeline.CallAnswered && !t.Run.CallerUnseen:
		return adviseAnswer(t, c, outcome)
	case c.Ending == timeline.CallFailed && len(t.Run.Providers) > 1:
		return adviseGoOn(t, c)
	}
	return adviseFaster(t, c, c.End, limit)
}

// adviseFaster tells how a call gets on sooner: what to do about the time until an instant, which
// is that of its fallback, its first content or its answer. limit is how long it may take, 0 for no
// limit.
func adviseFaster(t timeline.Timeline, c timeline.Client, until, limit time.Duration) string {
	attempts := t.CallAttempts(c.Call)
	for _, a := range attempts {
		if late := min(until, c.End) - a.LastContent; a.Answered() && 2*late > min(until, c.End)-a.Start {
			return "end the call at the finish reason, and do not wait for the end of the stream"
		}
	}
	longest := longestSpan(t, c, until)
	if longest.Attempt < 0 {
		if longest.Phase == timeline.Backoff {
			return "wait less before an attempt, or ask the next provider instead of waiting"
		}
		return "send the first request sooner"
	}
	a, what := attempts[longest.Attempt], waitedFor(longest.Phase)
	times := givenUp(c, attempts, a.Provider)
	switch slow := limit > 0 && a.End-a.Start > limit; {
	case times > 0 && len(t.Run.Providers) == 1:
		return "do not give up the only provider: it only makes the same wait begin again"
	case times > 1 && slow:
		return "shorten the deadline for " + what + ", and ask the next provider when it first fires"
	case times > 1:
		return "ask the next provider after the first attempt without " + what + ", not the same one again"
	case times == 1:
		return "shorten the deadline for " + what + ": it fired, but too late"
	}
	if said := right(t, a); said != "" {
		return said
	}
	return "set a deadline for " + what + ", then ask the next provider"
}

// givenUp returns how many requests of a call the engine gave up at a provider before the call's
// end, and so by a deadline of its own.
func givenUp(c timeline.Client, attempts []timeline.Attempt, provider string) (times int) {
	for _, a := range attempts {
		cut := c.CutWith(a, attempts) || a.End >= c.End && c.Ending != timeline.CallFailed // by the end of the call
		if a.Provider == provider && a.Ending == timeline.ClientDisconnected && !a.Finished && !cut {
			times++
		}
	}
	return times
}

// waitedFor names what a phase waits for.
func waitedFor(phase timeline.Phase) string {
	switch phase {
	case timeline.Connect:
		return "a connection"
	case timeline.Headers:
		return "headers"
	case timeline.Answering:
		return "a whole answer"
	case timeline.FirstContent, timeline.Stall, timeline.Backoff:
	}
	return "content"
}

// longestSpan returns the phase of a call, and the attempt in it, that took the most time until an
// instant. Attempt is -1 for none.
func longestSpan(t timeline.Timeline, c timeline.Client, until time.Duration) (longest timeline.Span) {
	type part struct {
		phase    timeline.Phase
		provider string
	}
	attempts, sums, most := t.CallAttempts(c.Call), map[part]time.Duration{}, time.Duration(-1)
	longest.Attempt = -1
	for _, span := range t.Spans(c.Call) {
		if span.From >= until {
			break
		}
		p := part{phase: span.Phase}
		if span.Attempt >= 0 {
			p.provider = attempts[span.Attempt].Provider
		}
		sums[p] += min(span.To, until) - span.From
		if sums[p] > most {
			most, longest = sums[p], span
		}
	}
	return longest
}

// impatience is from when on an engine that gives a request up was impatient. If it is quicker, it
// did not like what it read.
const impatience = time.Second

// adviseStay advises an engine that gave up a request which would have been answered.
func adviseStay(a timeline.Attempt) string {
	if a.End-a.Start < impatience {
		return "accept what " + a.Provider + " sends: it is odd, and not broken"
	}
	return "wait longer for " + a.Provider + " before you give it up: it is slow, and not broken"
}

// shown reports whether a part of an answer had reached the caller, so that another one has to
// begin behind a restart marker.
func shown(c timeline.Client) bool {
	return slices.ContainsFunc(c.Deliveries, func(d timeline.Delivery) bool { return !d.Restart }) || c.Calls != ""
}

// unasked returns the first provider of the chain that a call has not asked, or "".
func unasked(t timeline.Timeline, c timeline.Client) string {
	attempts := t.CallAttempts(c.Call)
	for _, p := range t.Run.Providers {
		if !slices.ContainsFunc(attempts, func(a timeline.Attempt) bool { return a.Provider == p.Name }) {
			return p.Name
		}
	}
	return ""
}

// adviseOf advises about the results that are no expectation's.
func adviseOf(name string, t timeline.Timeline, f Finding) string {
	switch name {
	case ModelSeenName:
		return "tell the caller the model of the provider that answered"
	case AskedName:
		switch {
		case strings.Contains(f.Message, " key of "):
			return "send each provider its own key"
		case strings.Contains(f.Message, " model of "):
			return "ask each provider for a model of its own"
		}
		return "send every provider the whole request: its messages, its tools and its settings"
	case PremiseName:
		return advisePremise(t)
	}
	return ""
}

// advisePremise advises about a premise that failed because of the engine.
func advisePremise(t timeline.Timeline) string {
	if t.Find("client/", timeline.CallPanicked) >= 0 {
		return "fix the panic: a call ends with an answer or an error"
	}
	if i := t.Find("client/", timeline.CallBlocked); i >= 0 {
		if strings.Contains(t.Events[i].Text, " requests") {
			return "bound the attempts of a call, and pause between them"
		}
		return "return when the call's context ends, whatever a provider does"
	}
	if len(t.Attempts()) > 0 {
		return "send " + t.Run.Primary() + " requests that it accepts: its key, its model, its route"
	}
	return "send the first request of a call to " + t.Run.Primary() + ", the first of the chain"
}
