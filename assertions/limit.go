package assertions

import (
	"fmt"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// Limited is an Expectation that compares a time with a limit. Scenarios set the limit under
// limits; the command line and targets may replace it.
type Limited interface {
	Expectation
	// Measure returns the name of the limit, "time_to_fallback" for instance.
	Measure() string
	// Limit returns the longest time allowed.
	Limit() time.Duration
	// WithLimit returns the same expectation with another limit.
	WithLimit(limit time.Duration) Expectation
}

// limitArgs returns the arguments of a limited expectation.
func limitArgs(limit time.Duration) map[string]any {
	return map[string]any{"max_s": timeline.Seconds(limit)}
}

// measured returns one call's value of a measure, counted from the call's start, or nil if it
// never happened.
type measured func(timeline.Measures) *timeline.Seconds

// judgeLimit compares one measure of every call with a limit; the slowest call decides. subject
// names what was measured, in a phrase that fits before "took".
func judgeLimit(t timeline.Timeline, limit time.Duration, subject string, value measured,
	evidence func(timeline.Client) int,
) Finding {
	return judgeCalls(t, limit, evidence, func(c timeline.Client) Finding {
		return judgeCallLimit(t, c, limit, subject, value(t.Measures(c.Call)))
	})
}

// judgeCalls judges every call against a limit; the slowest decides.
func judgeCalls(t timeline.Timeline, limit time.Duration, evidence func(timeline.Client) int,
	judge func(timeline.Client) Finding,
) Finding {
	worst, left := Finding{Verdict: Unknown, Message: "no call was made", Limit: timeline.Seconds(limit)}, true
	for n := 1; ; n++ {
		client, ok := t.Client(n)
		if !ok {
			return worst
		}
		f := judge(client)
		if client.Ending == timeline.CallHungUp && f.Verdict == Unknown && !left {
			continue // other calls say more
		}
		if e := t.Run.SchedulingError; e > 0 && f.Got != nil {
			f.Message += fmt.Sprintf(" (±%s: the harness was late by up to that)", round(e))
		}
		f.Limit = timeline.Seconds(limit)
		f = doubt(t, n, f)
		f.Events = compact(client.Started, evidence(client))
		if left || worse(f, worst) {
			worst = f
		}
		left = client.Ending == timeline.CallHungUp && worst.Verdict == Unknown
	}
}

func judgeCallLimit(t timeline.Timeline, c timeline.Client, limit time.Duration, subject string,
	got *timeline.Seconds,
) Finding {
	waited := c.End - t.Origin(c.Call)
	how := cutEarly(t, c)
	switch {
	case got != nil && got.Duration() <= limit:
		return Finding{
			Verdict: Passed, Got: *got, Message: fmt.Sprintf("%s took %s, limit %s", subject, round(*got), limit),
		}
	case got != nil:
		return Finding{
			Verdict: Failed, Got: *got, Message: fmt.Sprintf("%s took %s, limit %s", subject, round(*got), limit),
		}
	case c.Ending == timeline.CallHungUp && waited < limit:
		return Finding{Verdict: Unknown, Message: fmt.Sprintf(
			"the caller hung up after %s, before %s and before the limit of %s", round(timeline.Seconds(waited)),
			subject, limit)}
	case how != "" && waited < limit:
		return Finding{
			Verdict: Unknown,
			Message: fmt.Sprintf("%s, before %s and before the limit of %s%s", how, subject, limit, toSeeMore(t)),
		}
	case how != "":
		return Finding{Verdict: Failed, Message: fmt.Sprintf("%s never happened: %s, limit %s", subject, how, limit)}
	case c.Ending == timeline.CallCut && waited < limit:
		return Finding{Verdict: Unknown, Message: fmt.Sprintf(
			"%s did not happen before the call was cut after %s, which is before the limit of %s", subject,
			round(timeline.Seconds(waited)), limit)}
	case c.Ending == timeline.CallCut && (t.Run.CallerUnseen || t.Run.StartUnseen) && c.EndText != "":
		return Finding{Verdict: Failed, Message: fmt.Sprintf(
			"%s never happened in %s: %s, limit %s", subject, round(timeline.Seconds(waited)), c.EndText, limit)}
	case c.Ending == timeline.CallCut:
		return Finding{Verdict: Failed, Message: fmt.Sprintf(
			"%s never happened: the call was cut at its deadline after %s, limit %s", subject,
			round(timeline.Seconds(waited)), limit)}
	default:
		return Finding{Verdict: Failed, Message: fmt.Sprintf(
			"%s never happened in a call of %s (%s), limit %s", subject, round(timeline.Seconds(waited)), ending(c),
			limit)}
	}
}

// worse reports whether a is worse than b: by verdict, then by the larger number.
func worse(a, b Finding) bool {
	if a.Verdict != b.Verdict {
		return a.Verdict > b.Verdict
	}
	x, okX := a.Got.(timeline.Seconds)
	y, okY := b.Got.(timeline.Seconds)
	return okX && okY && x > y
}

// ending describes how a call ended.
func ending(c timeline.Client) string {
	switch c.Ending { //nolint:exhaustive // the kinds that end a call
	case timeline.CallAnswered:
		return "it returned success"
	case timeline.CallFailed:
		return "it returned: " + c.EndText
	case timeline.CallCut:
		return "it was cut at its deadline"
	case timeline.CallHungUp:
		return "its caller hung up"
	default:
		return "its end was not seen"
	}
}

// round rounds to milliseconds, for people.
func round(s timeline.Seconds) time.Duration { return s.Duration().Round(time.Millisecond) }

// compact drops the indices of events that were not seen.
func compact(indices ...int) []int {
	var kept []int
	for _, i := range indices {
		if i >= 0 {
			kept = append(kept, i)
		}
	}
	return kept
}
