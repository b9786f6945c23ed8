package assertions

import (
	"fmt"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/timeline"
)

// premise returns false and a finding if the run makes every expectation meaningless. The
// engine's doing is Failed, the harness's is Unknown. An engine in another process that was asked
// wrongly, or asks wrongly, is more likely configured than built wrongly, so that is Unknown too.
func premise(t timeline.Timeline) (Finding, bool) {
	if i := t.Find(timeline.WorldLane, timeline.HarnessFailed); i >= 0 {
		return Finding{Verdict: Unknown, Message: "the harness could not look: " + t.Events[i].Text, Events: []int{i}},
			false
	}
	if i := t.Find(timeline.WorldLane, timeline.ClockFailed); i >= 0 {
		return Finding{
			Verdict: Unknown, Clock: true, Message: "the clock did not hold: " + t.Events[i].Text, Events: []int{i},
		}, false
	}
	if i := t.Find("client/", timeline.CallPanicked); i >= 0 {
		return Finding{Verdict: Failed, Message: "the engine panicked: " + t.Events[i].Text, Events: []int{i}}, false
	}
	if i := t.Find("client/", timeline.CallBlocked); i >= 0 {
		return Finding{Verdict: Failed, Message: "the call never returned: " + t.Events[i].Text, Events: []int{i}},
			false
	}
	if t.Run.Outside {
		if f, ok := understood(t); !ok {
			return f, false
		}
	}
	if f, ok := told(t); !ok {
		return f, false
	}
	return contacted(t)
}

// told checks that every request of calls that were made at once says by its prompt which of them
// it belongs to. What a call did cannot be judged otherwise.
func told(t timeline.Timeline) (Finding, bool) {
	if !slices.ContainsFunc(t.Run.Calls, func(c timeline.Call) bool { return c.AtOnce > 1 }) {
		return Finding{}, true
	}
	f, n := Finding{Verdict: Unknown}, 0
	for _, a := range t.Attempts() {
		if a.Call == 0 && a.N > 0 {
			n++
			f.Events = append(f.Events, a.Received)
		}
	}
	f.Message = requests(n) + " cannot be told to belong to any of the calls that were made at once: without the " +
		"call's prompt, or met by a fault before there was one"
	return f, n == 0
}

// contacted checks that the primary received a request, so that its script was played. An engine
// in another process has to have asked it before any other.
func contacted(t timeline.Timeline) (Finding, bool) {
	primary := t.Run.Primary()
	if primary == "" {
		return Finding{Verdict: Unknown, Message: "the timeline names no provider"}, false
	}
	attempts := t.Attempts()
	counted := slices.DeleteFunc(slices.Clone(attempts), func(a timeline.Attempt) bool { return a.N == 0 })
	reached := slices.ContainsFunc(counted, func(a timeline.Attempt) bool { return a.Provider == primary })
	counted = slices.DeleteFunc(counted, func(a timeline.Attempt) bool { return a.Call == 0 }) // of no call
	if reached && t.Run.Outside && len(counted) > 0 && counted[0].Provider != primary {
		return Finding{Verdict: Unknown, Events: []int{counted[0].Received}, Message: fmt.Sprintf(
			"the first request of the run went to %s, and %s is the first of the chain: in which order does the "+
				"engine know them?", counted[0].Provider, primary)}, false
	}
	if reached {
		return Finding{}, true
	}
	f := Finding{
		Verdict: Failed, Message: fmt.Sprintf("the engine never sent a request to %s, the first of its chain", primary),
	}
	if t.Run.Outside {
		f.Verdict = Unknown
		f.Message += ": is it in rotation?"
	}
	if i := slices.IndexFunc(attempts, func(a timeline.Attempt) bool { return a.Provider == primary }); i >= 0 {
		f.Events = append(f.Events, attempts[i].Received)
		f.Message = fmt.Sprintf("%s refused every request: %s", primary, refusal(t, attempts[i].Received))
	} else if c, ok := t.Client(1); ok && c.EndText != "" {
		f.Events = append(f.Events, c.Ended)
		f.Message += "; it returned: " + c.EndText
	}
	return f, false
}

// understood checks that no provider refused a request for an answer. An unknown route that asks
// for none, such as those of engines that look for a local server, says nothing about how the
// engine is configured.
func understood(t timeline.Timeline) (Finding, bool) {
	for _, a := range t.Attempts() {
		if a.N != 0 || t.Events[a.Received].Kind != timeline.RequestReceived {
			continue
		}
		method, path, _ := strings.Cut(t.Events[a.Received].Text, " ")
		path, _, _ = strings.Cut(path, " ")
		said := answered(t, a.Received)
		noRoute := strings.HasPrefix(said, "404") || strings.HasPrefix(said, "405")
		if noRoute && (method != "POST" || !asksForAnswer(path)) {
			continue
		}
		f := Finding{
			Verdict: Unknown, Events: []int{a.Received},
			Message: a.Provider + " refused a request: " + refusal(t, a.Received),
		}
		if provider, _ := t.Run.Provider(a.Provider); noRoute {
			f.Message = fmt.Sprintf("%s speaks %s, was asked at %s", a.Provider, provider.Protocol, path)
		}
		return f, false
	}
	return Finding{}, true
}

// asksForAnswer reports whether a path is one at which some vendor, or a local server, answers a
// conversation.
func asksForAnswer(path string) bool {
	last := path[strings.LastIndexAny(path, "/:")+1:]
	return slices.Contains([]string{
		"completions", "messages", "responses", "generateContent", "streamGenerateContent", "chat", "generate",
		"converse", "converse-stream", "invoke", "invoke-with-response-stream",
	}, last)
}

// refusal describes a refused request and the response to it.
func refusal(t timeline.Timeline, received int) string {
	parts := []string{t.Events[received].Text}
	if said := answered(t, received); said != "" {
		parts = append(parts, said)
	}
	return strings.Join(parts, " → ")
}

// answered returns the text of the problem that answered a request, or "".
func answered(t timeline.Timeline, received int) string {
	for _, e := range t.Events[received+1:] {
		if e.Lane == t.Events[received].Lane && e.Kind == timeline.ProblemSent {
			return e.Text
		}
	}
	return ""
}
