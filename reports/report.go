package reports

import (
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// Schema names the JSON form. It changes only with a new version number.
const Schema = "chaosrun.report/v1"

// Report is everything that came of one invocation.
type Report struct {
	Schema string `json:"schema"`
	// Version is the program's.
	Version string `json:"version"`
	Seed    uint64 `json:"seed"`
	// SDKVersions are the vendors' SDKs that the built-in engine calls through, by short name.
	SDKVersions map[string]string `json:"sdk_versions"`
	Summary     Summary           `json:"summary"`
	Runs        []Run             `json:"runs"`
}

// Summary counts the runs by verdict and says how long they took.
type Summary struct {
	Passed  int `json:"passed"`
	Failed  int `json:"failed"`
	Unknown int `json:"unknown"`
	Skipped int `json:"skipped"`
	// Wall is real time, Simulated is scenario time, both over all runs.
	Wall      timeline.Seconds `json:"wall_s"`
	Simulated timeline.Seconds `json:"simulated_s"`
}

// Run is one scenario against one target. What stands here is enough to judge the run again.
type Run struct {
	Scenario string `json:"scenario"`
	// Title is the scenario's headline, Issue the report behind it.
	Title string `json:"title,omitempty"`
	Issue string `json:"issue,omitempty"`
	// Source is the scenario file's text and SHA256 its hash; both are "" for scenarios written in Go.
	Source string `json:"scenario_source"`
	SHA256 string `json:"scenario_sha256"`
	Target string `json:"target"`
	Policy string `json:"policy,omitempty"`
	Clock  string `json:"clock"`
	Seed   uint64 `json:"seed"`
	// Deadline is when calls were cut, after their start.
	Deadline timeline.Seconds `json:"deadline_s"`
	// SchedulingError is how far off each measure may be, because the harness itself was late; 0 in
	// virtual time.
	SchedulingError timeline.Seconds    `json:"scheduling_error_s,omitempty"`
	Providers       []timeline.Provider `json:"providers"`
	Verdict         assertions.Verdict  `json:"verdict"`
	// SkipReason is what the target lacks, for a skipped run.
	SkipReason string `json:"skip_reason,omitempty"`
	// Replay is the command that repeats the run.
	Replay       string        `json:"replay"`
	Calls        []Call        `json:"calls"`
	Expectations []Expectation `json:"expectations"`
	// Simulated is how much scenario time the run took: until its last event.
	Simulated timeline.Seconds `json:"simulated_s"`
	// Timeline may be left out of the JSON form to keep it small.
	Timeline []timeline.Event `json:"timeline,omitempty"`
}

// Call is one call: what its caller asked, got, and how long it took.
type Call struct {
	timeline.Call
	Outcome timeline.Outcome `json:"outcome"`
	// AnsweredBy is the provider whose answer the caller got; "" if none.
	AnsweredBy string            `json:"answered_by,omitempty"`
	Measures   timeline.Measures `json:"measures"`
}

// Expectation is one expectation and what came of it.
type Expectation struct {
	Name    string             `json:"name"`
	Args    map[string]any     `json:"args"`
	Verdict assertions.Verdict `json:"verdict"`
	Limit   any                `json:"limit"`
	Got     any                `json:"got"`
	Events  []int              `json:"events"`
	// Line is where it stands in the scenario file; 0 for a premise or a scenario written in Go.
	Line    int    `json:"line,omitempty"`
	Message string `json:"message"`
}

// NewRun fills in all that follows from a timeline and its judgement. Calls are those that the
// timeline saw start.
func NewRun(t timeline.Timeline, j assertions.Judgement) Run {
	r := Run{
		Scenario: t.Run.Scenario, Target: t.Run.Target, Policy: t.Run.Policy, Clock: t.Run.Clock, Seed: t.Run.Seed,
		Deadline: t.Run.Deadline, SchedulingError: t.Run.SchedulingError, Providers: t.Run.Providers, Verdict: j.Verdict, Timeline: t.Events,
		Calls: []Call{}, Expectations: []Expectation{},
	}
	for _, e := range t.Events {
		r.Simulated = max(r.Simulated, timeline.Seconds(e.Until))
	}
	for i, c := range t.Run.Calls {
		if _, started := t.Client(i + 1); !started {
			break
		}
		outcome, from := t.Outcome(i + 1)
		call := Call{Call: c, Outcome: outcome, Measures: t.Measures(i + 1)}
		if outcome == timeline.Answered {
			call.AnsweredBy = from
		}
		r.Calls = append(r.Calls, call)
	}
	for _, result := range j.Results {
		events := result.Events
		if events == nil {
			events = []int{}
		}
		r.Expectations = append(r.Expectations, Expectation{
			Name: result.Name, Args: result.Args, Verdict: result.Verdict, Limit: result.Limit, Got: result.Got,
			Events: events, Message: result.Message,
		})
	}
	return r
}

// Label names the run among others: scenario, target and policy.
func (r Run) Label() string {
	by := r.Target
	if r.Policy != "" {
		by = r.Policy
	}
	return r.Scenario + " / " + by
}

// Add appends a run and counts it.
func (rep *Report) Add(r Run) {
	rep.Schema = Schema
	rep.Runs = append(rep.Runs, r)
	rep.Summary.Add(r)
}

// Add counts a run. Wall is the caller's: runs may have been made side by side.
func (s *Summary) Add(r Run) {
	s.Simulated += r.Simulated
	switch r.Verdict {
	case assertions.Passed:
		s.Passed++
	case assertions.Failed:
		s.Failed++
	case assertions.Unknown:
		s.Unknown++
	case assertions.Skipped:
		s.Skipped++
	}
}

// Took says how much real time the runs took.
func (s *Summary) Took(wall time.Duration) { s.Wall = timeline.Seconds(wall) }

// Merge adds the runs of another summary, of another shard for instance. Real time adds up, too.
func (s *Summary) Merge(other Summary) {
	s.Passed += other.Passed
	s.Failed += other.Failed
	s.Unknown += other.Unknown
	s.Skipped += other.Skipped
	s.Wall += other.Wall
	s.Simulated += other.Simulated
}

// Runs returns how many runs were counted.
func (s Summary) Runs() int { return s.Passed + s.Failed + s.Unknown + s.Skipped }
