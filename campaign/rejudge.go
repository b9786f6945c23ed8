package campaign

import (
	"fmt"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// A secondJudge judges runs of reports again.
type secondJudge struct {
	words *scenarios.Vocabulary
	note  func(string)
	// parsed holds the scenarios of texts, and why others could not be parsed.
	parsed map[string]parsedScenario
}

type parsedScenario struct {
	scenario scenarios.Scenario
	err      error
}

// mostParsed bounds the scenarios that are kept.
const mostParsed = 1000

func newSecondJudge(o MergeOptions) *secondJudge {
	j := &secondJudge{words: o.Vocabulary, note: o.Note, parsed: map[string]parsedScenario{}}
	if j.words == nil {
		j.words = scenarios.Shipped()
	}
	if j.note == nil {
		j.note = func(string) {}
	}
	return j
}

// again returns the run as this version judges it. A run without its timeline or the text of its
// scenario stays as it is. So does one of a command or a test that made its calls itself, because
// what was asked for each of them is not in the report.
func (j *secondJudge) again(run reports.Run) reports.Run {
	if len(run.Timeline) == 0 || run.Source == "" || run.StartUnseen || run.CallerUnseen {
		return run
	}
	s, err := j.parse(run)
	if err != nil {
		j.note(fmt.Sprintf("%s, seed %d: not judged again: its scenario is not valid any more: %v", run.Label(),
			run.Seed, err))
		return run
	}
	limits := assertions.Limits{}
	for measure, limit := range run.Limits {
		limits[measure] = limit.Duration()
	}
	s = s.WithLimits(limits)
	t := timelineOf(run, s)
	before := run.Verdict
	judged := reports.NewRun(t, assertions.Judge(t, s.Expected()))
	run.Verdict, run.Calls, run.Expectations, run.Simulated =
		judged.Verdict, judged.Calls, judged.Expectations, judged.Simulated
	setLines(run.Expectations, s)
	if run.Verdict != assertions.Failed {
		run.Advice = ""
	}
	if !run.NeedsReferee() {
		run.Referee = ""
	}
	if run.Verdict != before {
		j.note(fmt.Sprintf("%s, seed %d: it was %s, and is %s as this version judges it", run.Label(), run.Seed, before,
			run.Verdict))
	}
	return run
}

// parse returns the scenario of a run.
func (j *secondJudge) parse(run reports.Run) (scenarios.Scenario, error) {
	p, ok := j.parsed[run.Source]
	if !ok {
		p.scenario, p.err = j.words.Load(run.Scenario+".yaml", []byte(run.Source))
		if len(j.parsed) >= mostParsed {
			clear(j.parsed)
		}
		j.parsed[run.Source] = p
	}
	return p.scenario, p.err
}

// timelineOf returns the timeline that a run was judged by. An older report does not say what its
// scenario does.
func timelineOf(r reports.Run, s scenarios.Scenario) timeline.Timeline {
	t := timeline.Timeline{Events: r.Timeline, Run: timeline.Run{
		Scenario: r.Scenario, Target: r.Target, Policy: r.Policy, Clock: r.Clock, Seed: r.Seed, Deadline: r.Deadline,
		SchedulingError: r.SchedulingError, Cadence: r.Cadence, Distortion: r.Distortion, Evidence: r.Evidence,
		Outside: r.Outside, CallerUnseen: r.CallerUnseen, StartUnseen: r.StartUnseen, Contained: r.Contained,
		NoRestarts: r.NoRestarts, CallLimit: r.CallLimit, CallLimitBy: r.CallLimitBy, ModelSeen: r.ModelSeen,
		UnreachedOK: r.UnreachedOK || s.UnreachedOK, Skipped: r.SkipReason, Providers: r.Providers,
	}}
	for _, c := range r.Calls {
		t.Run.Calls = append(t.Run.Calls, c.Call)
	}
	return t
}
