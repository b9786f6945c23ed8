package assertions

import (
	"fmt"
	"strings"

	"github.com/chaosrun/chaosrun/timeline"
)

// PremiseName is the name of a broken premise among the results.
const PremiseName = "premise"

// A Judgement is the result of judging one timeline.
type Judgement struct {
	Verdict Verdict
	// Results holds one result per expectation in order, or only the broken premise.
	Results []Result
}

// A Result is one expectation and its finding.
type Result struct {
	Name string
	Args map[string]any
	Finding
}

// Judge checks the premises and, if they hold, every expectation. A run without expectations is
// Unknown, because nothing was judged.
func Judge(t timeline.Timeline, expectations []Expectation) Judgement {
	if broken, ok := premise(t); !ok {
		return Judgement{Verdict: broken.Verdict, Results: []Result{{Name: PremiseName, Args: map[string]any{}, Finding: broken}}}
	}
	if len(expectations) == 0 {
		return Judgement{Verdict: Unknown, Results: []Result{}}
	}
	j := Judgement{Verdict: Passed}
	for _, e := range expectations {
		f := e.Judge(t)
		j.Verdict = Worst(j.Verdict, f.Verdict)
		j.Results = append(j.Results, Result{Name: e.Name(), Args: e.Args(), Finding: f})
	}
	return j
}

// premise returns false and a finding if the run makes every expectation meaningless. The
// engine's doing is Failed, the harness's is Unknown.
func premise(t timeline.Timeline) (Finding, bool) {
	if i := t.Find(timeline.WorldLane, timeline.HarnessFailed); i >= 0 {
		return Finding{Verdict: Unknown, Message: "the harness could not look: " + t.Events[i].Text, Events: []int{i}}, false
	}
	if i := t.Find("client/", timeline.CallPanicked); i >= 0 {
		return Finding{Verdict: Failed, Message: "the engine panicked: " + t.Events[i].Text, Events: []int{i}}, false
	}
	if i := t.Find("client/", timeline.CallBlocked); i >= 0 {
		return Finding{Verdict: Failed, Message: "the call never returned: " + t.Events[i].Text, Events: []int{i}}, false
	}
	return contacted(t)
}

// contacted checks that the primary received a request, so that its script was played.
func contacted(t timeline.Timeline) (Finding, bool) {
	primary := t.Run.Primary()
	if primary == "" {
		return Finding{Verdict: Unknown, Message: "the timeline names no provider"}, false
	}
	refused := -1
	for _, a := range t.Attempts() {
		switch {
		case a.Provider == primary && a.N > 0:
			return Finding{}, true
		case a.Provider == primary && refused < 0:
			refused = a.Received
		}
	}
	message := fmt.Sprintf("the engine never sent a request to %s, the first of its chain", primary)
	f := Finding{Verdict: Failed, Message: message}
	if refused >= 0 {
		f.Events = append(f.Events, refused)
		f.Message = fmt.Sprintf("%s refused every request: %s", primary, refusal(t, refused))
	} else if c, ok := t.Client(1); ok && c.EndText != "" {
		f.Events = append(f.Events, c.Ended)
		f.Message += "; it returned: " + c.EndText
	}
	return f, false
}

// refusal describes the first refused request and the response to it.
func refusal(t timeline.Timeline, received int) string {
	parts := []string{t.Events[received].Text}
	for _, e := range t.Events[received+1:] {
		if e.Lane == t.Events[received].Lane && e.Kind == timeline.ProblemSent {
			parts = append(parts, e.Text)
			break
		}
	}
	return strings.Join(parts, " → ")
}
