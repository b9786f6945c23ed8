package reports

import (
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// Schema identifies the JSON form of a Report. An incompatible change gets a new version number.
const Schema = "chaosrun.report/v1"

// Report holds the results of one invocation.
type Report struct {
	Schema string `json:"schema"`
	// Version is the version of the program.
	Version string `json:"version"`
	Seed    uint64 `json:"seed"`
	// SDKVersions maps the vendors' SDKs that the built-in engine uses to their versions, by short
	// name.
	SDKVersions map[string]string `json:"sdk_versions"`
	// Plan says which runs there should be. It is nil for a report of something else than a plan.
	Plan    *Plan   `json:"plan,omitempty"`
	Summary Summary `json:"summary"`
	Runs    []Run   `json:"runs"`
}

// Summary counts the runs by verdict, and adds up their times.
type Summary struct {
	Passed int `json:"passed"`
	// Partial counts the runs in which only advisory expectations failed.
	Partial int `json:"partial"`
	Failed  int `json:"failed"`
	Unknown int `json:"unknown"`
	Skipped int `json:"skipped"`
	// Wall is the real time and Simulated the scenario time, both over all runs.
	Wall      timeline.Seconds `json:"wall_s"`
	Simulated timeline.Seconds `json:"simulated_s"`
	// Unequal lists the runs whose repetitions differ in requests or outcome.
	Unequal []Unequal `json:"unequal,omitempty"`
}

// Run is the result of one scenario against one target. It has everything needed to judge the run
// again.
type Run struct {
	Scenario string `json:"scenario"`
	// Title is the title of the scenario. Issue is the URL of the bug report.
	Title string `json:"title,omitempty"`
	Issue string `json:"issue,omitempty"`
	// Source is the text of the scenario file and SHA256 its hash. Both are "" for a scenario
	// written in Go.
	Source string `json:"scenario_source"`
	SHA256 string `json:"scenario_sha256"`
	// File is the path of the scenario file with slashes, as the command named it. It is "" for a
	// scenario of the catalogue, and for one written in Go.
	File   string `json:"scenario_file,omitempty"`
	Target string `json:"target"`
	Policy string `json:"policy,omitempty"`
	// TargetVersion is the version of an engine in another process. Settings are its own settings,
	// such as timeouts and retries.
	TargetVersion string `json:"target_version,omitempty"`
	// TargetSHA256 is the hash of the target's file, "" if it has none.
	TargetSHA256 string            `json:"target_sha256,omitempty"`
	Settings     map[string]string `json:"settings,omitempty"`
	// Advice is what the target's author advises about this scenario, "" for none.
	Advice string `json:"advice,omitempty"`
	Clock  string `json:"clock"`
	Seed   uint64 `json:"seed"`
	// Limits replaced those of the scenario, by measure.
	Limits map[string]timeline.Seconds `json:"limits_s,omitempty"`
	// Deadline is the time limit of each call, from its start.
	Deadline timeline.Seconds `json:"deadline_s"`
	// SchedulingError bounds the error of each measure, caused by late timers of the harness. It
	// is 0 in virtual time.
	SchedulingError timeline.Seconds `json:"scheduling_error_s,omitempty"`
	// Cadence is the longest pause between the heartbeats of the run, if the engine's shortest
	// timer shortened it. It is 0 for the scenario's own pauses.
	Cadence timeline.Seconds `json:"cadence_s,omitempty"`
	// Distortion is by how much a healthy call before the run took longer than its script says.
	Distortion timeline.Seconds `json:"distortion_s,omitempty"`
	// Evidence says how the clock of a process tree passed; see [timeline.ClockEvidence].
	Evidence *timeline.ClockEvidence `json:"clock_evidence,omitempty"`
	Conditions
	Providers []timeline.Provider `json:"providers"`
	Verdict   assertions.Verdict  `json:"verdict"`
	// SkipReason is the reason why a run was skipped.
	SkipReason string `json:"skip_reason,omitempty"`
	// Replay is the command that repeats the run.
	Replay string `json:"replay"`
	// Referee is the command that decides on the wall clock what is unknown because of the run's
	// own clock, "" if nothing is.
	Referee      string        `json:"referee,omitempty"`
	Calls        []Call        `json:"calls"`
	Expectations []Expectation `json:"expectations"`
	// Simulated is the scenario time of the last event.
	Simulated timeline.Seconds `json:"simulated_s"`
	// Timeline holds the events. It may be nil, to keep the report small.
	Timeline []timeline.Event `json:"timeline,omitempty"`
}

// Conditions hold what judging a run needs besides its events. See the field of the same name in
// [timeline.Run] for each.
type Conditions struct {
	Outside      bool                 `json:"outside,omitempty"`
	CallerUnseen bool                 `json:"caller_unseen,omitempty"`
	StartUnseen  bool                 `json:"start_unseen,omitempty"`
	Contained    bool                 `json:"contained,omitempty"`
	NoRestarts   bool                 `json:"no_restarts,omitempty"`
	CallLimit    timeline.Seconds     `json:"call_limit_s,omitempty"`
	CallLimitBy  timeline.CallLimitBy `json:"call_limit_by,omitempty"`
	ModelSeen    string               `json:"model_seen,omitempty"`
	UnreachedOK  bool                 `json:"unreached_ok,omitempty"`
}

// Call is one call with its outcome and measures.
type Call struct {
	timeline.Call
	// Outcome is left out if what the caller got was not seen.
	Outcome timeline.Outcome `json:"outcome,omitzero"`
	// Word is the outcome in a word for tables: "safe" for a clear error that the scenario allows,
	// "unseen" for a call whose caller was not seen, else the outcome's name.
	Word string `json:"word,omitempty"`
	// AnsweredBy is the provider whose answer the caller received, or "".
	AnsweredBy string `json:"answered_by,omitempty"`
	// Model, Usage and Finish are what the engine reported to the caller about the answer: the
	// model's name, the tokens as "IN in, OUT out" and the finish reason. They are "" if it
	// reported nothing.
	Model    string            `json:"model,omitempty"`
	Usage    string            `json:"usage,omitempty"`
	Finish   string            `json:"finish,omitempty"`
	Measures timeline.Measures `json:"measures"`
}

// Expectation is one expectation with its finding.
type Expectation struct {
	Name string         `json:"name"`
	Args map[string]any `json:"args"`
	// Advisory says that a failure makes the run partial, and is partial itself.
	Advisory bool               `json:"advisory,omitempty"`
	Verdict  assertions.Verdict `json:"verdict"`
	// Limit and Got are what was allowed and what was measured. Unit is "s" if they are times: a
	// [timeline.Seconds] each, or nil.
	Limit any    `json:"limit"`
	Got   any    `json:"got"`
	Unit  string `json:"unit,omitempty"`
	// Clock says that the verdict is unknown because of the run's clock.
	Clock  bool  `json:"clock,omitempty"`
	Events []int `json:"events"`
	// Line is the line in the scenario file. It is 0 for a premise and for a scenario written in
	// Go.
	Line    int    `json:"line,omitempty"`
	Message string `json:"message"`
	// Advice says in one line what to change in the engine. It is "" unless the expectation failed.
	Advice string `json:"advice,omitempty"`
}

// NewRun builds a Run from a timeline and its judgement. It includes the calls that were started.
func NewRun(t timeline.Timeline, j assertions.Judgement) Run {
	t = t.Indexed()
	r := Run{
		Scenario: t.Run.Scenario, Target: t.Run.Target, Policy: t.Run.Policy, Clock: t.Run.Clock, Seed: t.Run.Seed,
		Deadline: t.Run.Deadline, SchedulingError: t.Run.SchedulingError, Cadence: t.Run.Cadence,
		Distortion: t.Run.Distortion, Evidence: t.Run.Evidence, Providers: t.Run.Providers, Verdict: j.Verdict,
		SkipReason: t.Run.Skipped, Timeline: t.Events,
		Calls: []Call{}, Expectations: []Expectation{},
		Conditions: Conditions{
			Outside: t.Run.Outside, CallerUnseen: t.Run.CallerUnseen, StartUnseen: t.Run.StartUnseen,
			Contained: t.Run.Contained, NoRestarts: t.Run.NoRestarts,
			CallLimit: t.Run.CallLimit, CallLimitBy: t.Run.CallLimitBy, ModelSeen: t.Run.ModelSeen,
			UnreachedOK: t.Run.UnreachedOK,
		},
	}
	for _, e := range t.Events {
		r.Simulated = max(r.Simulated, timeline.Seconds(e.Until))
	}
	for i, c := range t.Run.Calls {
		client, started := t.Client(i + 1)
		if !started {
			break
		}
		r.Calls = append(r.Calls, newCall(t, c, client, j.Words))
	}
	for _, result := range j.Results {
		events := result.Events
		if events == nil {
			events = []int{}
		}
		r.Expectations = append(r.Expectations, Expectation{
			Name: result.Name, Args: result.Args, Advisory: result.Advisory, Verdict: result.Verdict,
			Limit: result.Limit, Got: result.Got, Unit: unitOf(result.Limit, result.Got),
			Clock: result.Clock, Events: events, Message: result.Message, Advice: result.Advice,
		})
	}
	return r
}

// newCall builds a Call from what its caller saw. words holds the judgement's words for outcomes.
func newCall(t timeline.Timeline, c timeline.Call, client timeline.Client, words []string) Call {
	call := Call{
		Call: c, Model: client.Model, Usage: client.Usage, Finish: client.Finish, Measures: t.Measures(client.Call),
	}
	if client.Call <= len(words) {
		call.Word = words[client.Call-1]
	}
	if t.Run.CallerUnseen {
		return call
	}
	outcome, from := t.Outcome(client.Call)
	call.Outcome = outcome
	if outcome == timeline.Answered {
		call.AnsweredBy = from
	}
	return call
}

// Label identifies the run in a report: scenario and policy, or scenario and target.
func (r Run) Label() string {
	by := r.Target
	if r.Policy != "" {
		by = r.Policy
	}
	return r.Scenario + " / " + by
}

// NeedsReferee reports whether something is unknown because of the run's clock, so that a run on
// the wall clock decides.
func (r Run) NeedsReferee() bool {
	return slices.ContainsFunc(r.Expectations, func(e Expectation) bool { return e.Clock })
}

// Add appends a run and counts it.
func (rep *Report) Add(r Run) {
	rep.Schema = Schema
	rep.Runs = append(rep.Runs, r)
	rep.Summary.Add(r)
}

// Add counts a run. It does not change Wall, because runs may overlap; see Took.
func (s *Summary) Add(r Run) {
	s.Simulated += r.Simulated
	switch r.Verdict {
	case assertions.Passed:
		s.Passed++
	case assertions.Partial:
		s.Partial++
	case assertions.Failed:
		s.Failed++
	case assertions.Unknown:
		s.Unknown++
	case assertions.Skipped:
		s.Skipped++
	}
}

// Took sets the real time of all runs.
func (s *Summary) Took(wall time.Duration) { s.Wall = timeline.Seconds(wall) }

// Runs returns the number of runs.
func (s Summary) Runs() int { return s.Passed + s.Partial + s.Failed + s.Unknown + s.Skipped }
