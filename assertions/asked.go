package assertions

import (
	"fmt"
	"strings"

	"github.com/chaosrun/chaosrun/timeline"
)

// askedWrongly returns false, or a finding about the first request that carried another provider's
// key or asked for its model, or about an answer to something else than the caller had asked.
// Engines send keys to the wrong vendor when they switch
// (https://github.com/NousResearch/hermes-agent/issues/2383,
// https://github.com/NousResearch/hermes-agent/issues/33163), and models
// (https://github.com/NousResearch/hermes-agent/issues/49417).
func askedWrongly(t timeline.Timeline) (Finding, bool) {
	for _, a := range t.Attempts() {
		if a.Asked == nil || a.N == 0 || a.Call == 0 {
			continue
		}
		f := Finding{Verdict: Failed, Limit: a.Provider, Events: []int{a.Received}}
		switch {
		case a.Asked.KeyOf != "" && a.Asked.KeyOf != a.Provider:
			f.Got, f.Message = a.Asked.KeyOf, fmt.Sprintf("%s was sent the key of %s", a.Provider, a.Asked.KeyOf)
		case a.Asked.ModelOf != "" && a.Asked.ModelOf != a.Provider:
			f.Got, f.Message = a.Asked.ModelOf,
				fmt.Sprintf("%s was asked for the model of %s", a.Provider, a.Asked.ModelOf)
		default:
			continue
		}
		return f, true
	}
	for n := 1; ; n++ {
		if _, ok := t.Client(n); !ok {
			return Finding{}, false
		}
		if f, ok := askedElse(t, n); ok {
			return f, true
		}
	}
}

// askedElse returns false, or a finding about a call whose answer is one to a request that lacked
// something of what the caller had asked. Engines make requests of their own beside it, for a title
// for instance, and those are their own business.
func askedElse(t timeline.Timeline, n int) (Finding, bool) {
	outcome, from := t.Outcome(n)
	if outcome != timeline.Answered {
		return Finding{}, false
	}
	var f Finding
	for _, a := range t.CallAttempts(n) {
		if a.Provider != from || !a.Answered() {
			continue
		}
		if a.Asked == nil || len(a.Asked.Lacks) == 0 {
			return Finding{}, false
		}
		what := strings.Join(a.Asked.Lacks, " and ")
		f = Finding{
			Verdict: Failed, Got: what, Events: []int{a.Received},
			Message: fmt.Sprintf("%s answered something else than the caller asked: its request lacks the %s", from,
				what),
		}
	}
	return f, f.Verdict == Failed
}
