package assertions

import (
	"slices"

	"github.com/chaosrun/chaosrun/timeline"
)

// Advise tells how the caller gets the answer that was expected.
func (e Answer) Advise(t timeline.Timeline, f Finding) string {
	c, ok := callOf(t, f)
	if !ok {
		return ""
	}
	got, from := t.Outcome(c.Call)
	piece, _ := t.Unsent(c.Call)
	switch {
	case !slices.Contains(e.Outcome.list(), got):
		return e.adviseOutcome(t, c, got)
	case e.From != "" && got == timeline.Answered && from != e.From:
		return e.adviseProvider(t, c, from)
	case e.Restarts != nil && c.Restarts < *e.Restarts:
		return "tell the caller to start over before another answer begins"
	case piece != "":
		return "deliver what a provider sent, and nothing else"
	case e.Restarts != nil && c.Restarts > *e.Restarts, c.Restarts > begunAnswers(t, c):
		return "tell the caller to start over only if a part of an answer has reached it"
	case heldBack(t, c, got, from) > HeldBack:
		return "end the call at the finish reason, and do not wait for the end of the stream"
	}
	return "return soon after the last request has ended"
}

// adviseOutcome tells how to get another outcome than the call's own.
func (e Answer) adviseOutcome(t timeline.Timeline, c timeline.Client, got timeline.Outcome) string {
	wantsAnswer := slices.Contains(e.Outcome.list(), timeline.Answered)
	attempts := t.CallAttempts(c.Call)
	switch {
	case !wantsAnswer && got == timeline.Answered && c.Restarts > 0:
		return "return an error instead of starting over, which this caller cannot"
	case got == timeline.Hung:
		return adviseFaster(t, c, c.End, 0)
	case got == timeline.FailedClearly && len(t.Run.Providers) == 1 && givenUp(c, attempts, t.Run.Primary()) > 0:
		return adviseFaster(t, c, c.End, 0)
	case got == timeline.FailedClearly:
		return adviseGoOn(t, c)
	}
	return adviseAnswer(t, c, got)
}

// adviseProvider tells how to get the answer of the provider that was expected, and not of another.
func (e Answer) adviseProvider(t timeline.Timeline, c timeline.Client, from string) string {
	attempts := t.CallAttempts(c.Call)
	for _, a := range attempts {
		if a.Provider == e.From && givenUp(c, []timeline.Attempt{a}, e.From) > 0 {
			return adviseStay(a)
		}
	}
	asked := slices.ContainsFunc(attempts, func(a timeline.Attempt) bool { return a.Provider == e.From })
	for _, a := range attempts {
		if said := right(t, a); said != "" && (a.Provider == from || a.Provider == e.From) {
			return said
		}
	}
	switch {
	case !asked && e.From == t.Run.Primary():
		return "ask " + e.From + " again once it may have recovered"
	case asked:
		return "deliver the answer of " + e.From + ", which had one"
	}
	return "ask " + e.From + " when the provider before it fails"
}

// adviseGoOn advises an engine that returned an error, where somebody else would have answered.
func adviseGoOn(t timeline.Timeline, c timeline.Client) string {
	next, behind := unasked(t, c), ""
	if shown(c) {
		behind = " behind a restart marker"
	}
	if next != "" {
		return "ask " + next + behind + " instead of returning the error"
	}
	for _, a := range slices.Backward(t.CallAttempts(c.Call)) {
		if said := right(t, a); said != "" {
			return said
		}
	}
	return "make another attempt" + behind + " before you return the error"
}

// adviseAnswer advises an engine that reported success, by what its caller got. What a fault asks
// for comes first, if the text is that of an attempt which met one.
func adviseAnswer(t timeline.Timeline, c timeline.Client, got timeline.Outcome) string {
	if got == timeline.Spliced {
		return "tell the caller to start over before another answer begins"
	}
	for _, a := range t.CallAttempts(c.Call) {
		if said := right(t, a); said != "" && a.Start <= c.End {
			return said
		}
	}
	attempts := t.CallAttempts(c.Call)
	finished := slices.ContainsFunc(attempts, timeline.Attempt.Answered)
	switch got {
	case timeline.Truncated:
		if finished {
			return "deliver all that a provider has sent before the call returns"
		}
		return "treat an answer that ends without a finish reason as a failure"
	case timeline.Empty:
		if finished {
			return "deliver the answer that a provider has given"
		}
		return "treat an empty answer as a failure, and ask the next provider"
	case timeline.Duplicated:
		return "deliver each piece once, or tell the caller to start over before you repeat"
	case timeline.Reordered:
		return "deliver the pieces in the order in which they came"
	case timeline.Altered:
		return "deliver what a provider sent, and nothing else"
	case timeline.Invalid:
		return "check that the arguments of a tool call are a JSON object before you deliver it"
	case timeline.Answered, timeline.FailedClearly, timeline.Hung, timeline.Spliced, timeline.HungUp:
	}
	return "treat what this provider does as a failure, and do what the scenario expects"
}
