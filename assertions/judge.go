package assertions

import (
	"fmt"
	"strings"

	"github.com/chaosrun/chaosrun/internal/strictyaml"
	"github.com/chaosrun/chaosrun/timeline"
)

// Names among the results that are no expectation's.
const (
	// PremiseName is the name of a broken premise. It is the only result then.
	PremiseName = "premise"
	// ReachedName is the name of the result that says which faults no request met.
	ReachedName = "reached"
	// AskedName is the name of the result that says what was wrong with a request. It is advisory
	// for an engine in another process, whose keys and models are configured by somebody else.
	AskedName = "asked"
	// ModelSeenName is the name of the result that compares the model that the caller was told with
	// that of the provider that answered.
	ModelSeenName = "model_seen"
)

// Expected is an expectation of a run, and what its failure means.
type Expected struct {
	Expectation
	// Advisory says that the run is Partial if the expectation fails, rather than Failed.
	Advisory bool
}

// Must returns expectations that have to hold, as Judge wants them.
func Must(all ...Expectation) []Expected {
	expected := make([]Expected, len(all))
	for i, e := range all {
		expected[i].Expectation = e
	}
	return expected
}

// A Judgement is the result of judging one timeline.
type Judgement struct {
	Verdict Verdict
	// Results holds one result per expectation in order, and behind them what the run itself asked
	// for: AskedName if a request was wrong, ModelSeenName and ReachedName. A broken premise stands
	// alone.
	Results []Result
	// Words holds one word for each call that was started, for tables: "safe" for a clear error
	// that an expectation of the answer allows, else the name of the outcome. It is "unseen" if
	// what the caller got was not seen.
	Words []string
}

// A Result is one expectation and its finding.
type Result struct {
	Name string
	Args map[string]any
	// Advisory says that the verdict is Partial where it would be Failed.
	Advisory bool
	Finding
	// Advice tells in one line what to change in the engine, see [Advice]. It is "" unless the
	// finding is a failure.
	Advice string
}

// Judge checks the premises and, if they hold, every expectation. A run without expectations, or
// with none that can be seen, is Unknown, because nothing was judged. So is a run that would pass
// although a fault was never reached, unless Run.UnreachedOK says that this is all right. A run
// that was skipped is Skipped, without results.
func Judge(t timeline.Timeline, expected []Expected) Judgement {
	if t.Run.Skipped != "" {
		return Judgement{Verdict: Skipped, Results: []Result{}}
	}
	t = t.Indexed()
	j := Judgement{Words: words(t, expected)}
	if broken, ok := premise(t); !ok {
		j.find(t, Result{Name: PremiseName, Args: map[string]any{}, Finding: broken})
		return j
	}
	for _, e := range expected {
		f := look(e.Expectation, t)
		j.add(Result{
			Name: e.Name(), Args: e.Args(), Advisory: e.Advisory, Finding: f, Advice: Advice(e.Expectation, t, f),
		})
	}
	if j.Verdict < Passed {
		j.Verdict = Unknown
	}
	if f, ok := askedWrongly(t); ok {
		j.find(t, Result{Name: AskedName, Args: map[string]any{}, Advisory: t.Run.Outside, Finding: f})
	}
	if f, ok := modelSeen(t); ok {
		j.find(t, Result{
			Name: ModelSeenName, Args: map[string]any{"provider": t.Run.ModelSeen}, Advisory: true, Finding: f,
		})
	}
	if f, ok := unreached(t); ok && j.Verdict.Holds() {
		j.add(Result{Name: ReachedName, Args: map[string]any{}, Finding: f})
	}
	if j.Results == nil {
		j.Results = []Result{}
	}
	return j
}

// add appends a result. A failed one that is only advisory becomes Partial.
func (j *Judgement) add(r Result) {
	if r.Advisory && r.Verdict == Failed {
		r.Verdict = Partial
	}
	j.Verdict = Worst(j.Verdict, r.Verdict)
	j.Results = append(j.Results, r)
}

// find appends what the run itself asked for, with its advice.
func (j *Judgement) find(t timeline.Timeline, r Result) {
	if r.Verdict == Failed {
		r.Advice = adviseOf(r.Name, t, r.Finding)
	}
	j.add(r)
}

// look judges one expectation, unless it is a mistake or nobody can see what it looks at.
func look(e Expectation, t timeline.Timeline) Finding {
	if why := mistake(e, t.Run); why != "" {
		return Finding{Verdict: Unknown, Message: why}
	}
	if s, ok := e.(Seeing); ok {
		if why := s.Unseen(t.Run); why != "" {
			return Finding{Verdict: Skipped, Message: why}
		}
	}
	return e.Judge(t)
}

// mistake returns what is wrong with an expectation that names a provider which the run does not
// have, or "".
func mistake(e Expectation, r timeline.Run) string {
	mentioning, ok := e.(Mentioning)
	if !ok || len(r.Providers) == 0 {
		return ""
	}
	for _, m := range mentioning.Mentions() {
		if _, known := r.Provider(m.Provider); known || m.Provider == "" {
			continue
		}
		names := make([]string, len(r.Providers))
		for i, p := range r.Providers {
			names[i] = p.Name
		}
		said := fmt.Sprintf("the scenario has no provider %q", m.Provider)
		if near := strictyaml.Nearest(m.Provider, names); near != "" {
			return fmt.Sprintf("%s; did you mean %q?", said, near)
		}
		return said + "; it has " + strings.Join(names, " and ")
	}
	return ""
}

// unreached returns false, or a finding that names the faults that no request met.
func unreached(t timeline.Timeline) (Finding, bool) {
	var names []string
	for _, p := range t.Run.Providers {
		for _, fault := range p.Unreached {
			names = append(names, p.Name+"'s "+fault)
		}
	}
	if len(names) == 0 || t.Run.UnreachedOK {
		return Finding{}, false
	}
	verb := "was"
	if len(names) > 1 {
		verb = "were"
	}
	return Finding{Verdict: Unknown, Got: len(names), Limit: 0, Message: fmt.Sprintf(
		"%s %s never reached, so nothing was seen of it; a scenario whose point that is says `unreached: ok`",
		strings.Join(names, " and "), verb)}, true
}

// modelSeen compares the model that the caller was told, call by call, with that of the provider
// that answered. It returns false if nobody asked for it, or no such answer came with a model.
func modelSeen(t timeline.Timeline) (f Finding, asked bool) {
	provider, ok := t.Run.Provider(t.Run.ModelSeen)
	if !ok || provider.Model == "" {
		return f, false
	}
	for n := 1; ; n++ {
		client, ok := t.Client(n)
		if !ok {
			return f, asked
		}
		outcome, from := t.Outcome(n)
		if outcome != timeline.Answered || from != provider.Name || client.Model == "" || f.Verdict == Failed {
			continue
		}
		asked = true
		f = Finding{
			Verdict: Passed, Got: client.Model, Limit: provider.Model, Events: compact(client.Started, client.Ended),
			Message: fmt.Sprintf("%s answered, and the caller was told its model, %s", from, provider.Model),
		}
		if client.Model != provider.Model {
			f.Verdict = Failed
			f.Message = fmt.Sprintf("%s answered, but the caller was told that %s did, expected %s", from, client.Model,
				provider.Model)
		}
	}
}

// words returns the word of each call that was started.
func words(t timeline.Timeline, expected []Expected) []string {
	var all []string
	for n := 1; ; n++ {
		client, ok := t.Client(n)
		if !ok {
			return all
		}
		all = append(all, word(t, client, expected))
	}
}

// word returns the word of one call.
func word(t timeline.Timeline, c timeline.Client, expected []Expected) string {
	if t.Run.CallerUnseen {
		return "unseen"
	}
	outcome, _ := t.Outcome(c.Call)
	if outcome != timeline.FailedClearly {
		return outcome.String()
	}
	for _, e := range expected {
		if answer, ok := e.Expectation.(Answer); ok && answer.safe(t, c) {
			return "safe"
		}
	}
	return outcome.String()
}
