package assertions

import (
	"fmt"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// stranded reports whether a call failed clearly after a part of an answer had reached a caller
// that cannot be told to start over, and whose answer that was. To go on at another provider would
// splice two answers then, so an error is the best that is left.
func stranded(t timeline.Timeline, c timeline.Client) (provider string, ok bool) {
	outcome, _ := t.Outcome(c.Call)
	noRestarts := t.Run.NoRestarts || c.Call <= len(t.Run.Calls) && t.Run.Calls[c.Call-1].NoRestarts
	if !noRestarts || outcome != timeline.FailedClearly || c.Text() == "" && c.Calls == "" {
		return "", false
	}
	for _, a := range t.CallAttempts(c.Call) {
		if a.Text != "" || a.Calls != "" {
			return a.Provider, true
		}
	}
	return "", false
}

// strandedFallback judges the error of a stranded call in place of its fallback, against the same
// limit. It returns false for any other call.
func strandedFallback(t timeline.Timeline, c timeline.Client, limit time.Duration) (Finding, bool) {
	provider, ok := stranded(t, c)
	if !ok {
		return Finding{}, false
	}
	took := timeline.Seconds(c.End - t.Origin(c.Call))
	f := Finding{Verdict: Passed, Got: took, Message: fmt.Sprintf(
		"no fallback was possible once text of %s had reached a caller that cannot start over; the error took %s, "+
			"limit %s", provider, round(took), limit)}
	if took.Duration() > limit {
		f.Verdict = Failed
	}
	return f, true
}
