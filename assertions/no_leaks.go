package assertions

import (
	"strings"

	"github.com/chaosrun/chaosrun/timeline"
)

// NoLeaks expects that no connection and no goroutine of the engine outlived the calls.
// Goroutines are seen in virtual time only, connections everywhere.
type NoLeaks struct{}

var _ Seeing = NoLeaks{}

// Name returns "no_leaks".
func (NoLeaks) Name() string { return "no_leaks" }

// Title returns what the expectation is, in one line.
func (NoLeaks) Title() string {
	return "No connection and no goroutine outlives the calls"
}

// Args returns an empty map.
func (NoLeaks) Args() map[string]any { return map[string]any{} }

// Unseen returns a reason for an engine in another process.
func (NoLeaks) Unseen(r timeline.Run) string {
	if r.Outside {
		return "another process's goroutines and sockets cannot be seen"
	}
	return ""
}

// Judge fails if the harness recorded a leak.
func (NoLeaks) Judge(t timeline.Timeline) Finding {
	var events []int
	var said []string
	for i, e := range t.Events {
		if e.Kind == timeline.ConnectionLeaked || e.Kind == timeline.GoroutineLeaked {
			events = append(events, i)
			said = append(said, e.Text)
		}
	}
	if len(events) == 0 {
		return Finding{Verdict: Passed, Got: 0, Message: "nothing outlived the calls"}
	}
	return Finding{
		Verdict: Failed, Got: len(events), Events: events, Message: "outlived the calls: " + strings.Join(said, "; "),
	}
}

// Advise tells what to end with a call.
func (NoLeaks) Advise(t timeline.Timeline, f Finding) string {
	for _, i := range f.Events {
		if t.Events[i].Kind == timeline.ConnectionLeaked {
			return "cancel every request and close every response body before the call returns"
		}
	}
	return "end every goroutine of a call before the call returns"
}
