package harnesstest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// A Rule is one thing that every Target keeps, whatever its engine does about faults.
type Rule string

const (
	// RuleSkips is to skip a chain that the target cannot speak to, and no other.
	RuleSkips Rule = "skips"
	// RuleAnswers is to be built inside the run's time, and to hand on what a healthy primary says, piece by piece and in order,
	// before Call returns.
	RuleAnswers Rule = "answers"
	// RuleWhole is to return nil for a whole answer alone.
	RuleWhole Rule = "whole"
	// RuleRestart is to tell the caller when another answer begins, and not to begin one if the caller cannot start over.
	RuleRestart Rule = "restart"
	// RuleReturns is to return soon after the context has ended, with an error, and to ask nobody any more.
	RuleReturns Rule = "returns"
	// RuleLetsGo is to leave no goroutine, connection or request behind.
	RuleLetsGo Rule = "lets-go"
	// RuleScale is to wait by the Lab's scale, in every run of one factory alike.
	RuleScale Rule = "scale"
)

// A Complaint is a rule that a target breaks, and how.
type Complaint struct {
	Rule Rule
	Said string
}

// Accept reports every rule that the targets of a factory break. It takes a few seconds of real time.
func Accept(t harness.T, f harness.Factory, opts ...harness.Option) {
	t.Helper()
	for _, c := range Examine(f, opts...) {
		t.Errorf("a target keeps the rule %q: %s", c.Rule, c.Said)
	}
}

// Examine returns what Accept reports. A target that breaks RuleSkips or RuleAnswers is not examined any further, and
// RuleScale is looked at last, if no other rule is broken.
func Examine(f harness.Factory, opts ...harness.Option) []Complaint {
	e := &examination{factory: f, options: opts}
	if e.skips(); len(e.complaints) == 0 {
		e.answers()
	}
	if len(e.complaints) > 0 {
		return e.complaints
	}
	e.whole()
	e.restart()
	if e.returns(); len(e.complaints) == 0 { // it takes real time, so it comes last
		e.scale()
	}
	return e.complaints
}

// An examination is what has been seen of a factory so far.
type examination struct {
	factory harness.Factory
	options []harness.Option
	// protocol is the first that the targets speak.
	protocol   string
	complaints []Complaint
}

func (e *examination) complain(rule Rule, format string, a ...any) {
	c := Complaint{Rule: rule, Said: fmt.Sprintf(format, a...)}
	if !slices.Contains(e.complaints, c) {
		e.complaints = append(e.complaints, c)
	}
}

// scenario is a chain of providers of the target's own protocol, one fault each.
func (e *examination) scenario(name string, faults ...fakeprovider.Fault) scenarios.Scenario {
	s := scenarios.OfFault(name, faults[0])
	s.Deadline, s.Providers = time.Hour, nil
	for i, f := range faults {
		s.Providers = append(s.Providers, scenarios.Provider{
			Name: []string{"primary", "secondary"}[i], Protocol: e.protocol, OnRequest: []fakeprovider.Fault{f},
		})
	}
	return s
}

// run plays a scenario. Findings that fail break the rule, or RuleLetsGo if they are about what is left behind.
func (e *examination) run(rule Rule, s scenarios.Scenario, f harness.Factory, opts ...harness.Option) *harness.Trial {
	trial := harness.RunScenario(s, f, slices.Concat(opts, e.options)...)
	for _, r := range trial.Judgement.Results {
		broken := rule
		if r.Name == (assertions.NoLeaks{}).Name() {
			broken = RuleLetsGo
		}
		if r.Verdict != assertions.Passed {
			e.complain(broken, "%s: %s: %s", s.Name, r.Name, r.Message)
		}
	}
	return trial
}

// skips looks for a protocol that the target speaks, and for what it does about one that it cannot know.
func (e *examination) skips() {
	var reasons []string
	for _, p := range protocol.All() {
		e.protocol = p.Name()
		trial := harness.RunScenario(e.scenario("healthy", fakeprovider.Healthy{}), e.factory, e.options...)
		if trial.Skipped != "" {
			reasons = append(reasons, p.Name()+": "+trial.Skipped)
			continue
		}
		if findings(trial) == "" { // of a target that does not answer, other rules tell
			e.skipsUnknown()
		}
		return
	}
	e.complain(RuleSkips, "it skips every protocol: %s", strings.Join(reasons, "; "))
}

// skipsUnknown gives the target a protocol that it has not heard of.
func (e *examination) skipsUnknown() {
	words := scenarios.Shipped()
	words.Protocols = append(words.Protocols, unknown{})
	s := e.scenario("an unknown protocol", fakeprovider.Healthy{})
	s.Providers[0].Protocol = unknown{}.Name()
	trial := harness.RunScenario(s, e.factory, append([]harness.Option{harness.WithVocabulary(words)}, e.options...)...)
	if broken := findings(trial); trial.Skipped == "" && broken != "" {
		e.complain(RuleSkips, "a chain over a protocol that it cannot know is neither skipped nor answered: %s", broken)
	}
}

// unknown is a protocol that no target has heard of. Its wire is OpenAI's, so that one that does not care is right.
type unknown struct{ protocol.OpenAIChat }

// Name returns "unknown-protocol".
func (unknown) Name() string { return "unknown-protocol" }

// answers wants what a healthy primary says, streamed and not.
func (e *examination) answers() {
	for _, streamed := range []bool{true, false} {
		name := fmt.Sprintf("a healthy primary, streamed: %v", streamed)
		s := e.scenario(name, fakeprovider.Healthy{}, fakeprovider.Healthy{})
		s.Calls[0].Stream = streamed
		s.Expect = scenarios.Expecting(assertions.Answer{From: "primary"}, assertions.NoLeaks{})
		watch := &watch{}
		e.run(RuleAnswers, s, watch.around(e.factory))
		if watch.sight().late > 0 {
			e.complain(RuleAnswers, "%s: it emits after Call has returned", name)
		}
		if len(e.complaints) > 0 {
			return
		}
	}
}

// whole wants an error where no provider gives an answer.
func (e *examination) whole() {
	for _, row := range []struct {
		name  string
		fault fakeprovider.Fault
	}{
		{"every answer breaks off", fault.MidStreamDrop{}},
		{"every answer ends early", fault.EarlyEnd{}},
		{"every provider fails", fault.ServerError{}},
	} {
		s := e.scenario(row.name, row.fault, row.fault)
		s.Expect = scenarios.Expecting(assertions.Answer{Outcome: timeline.FailedClearly.String()}, assertions.NoLeaks{})
		e.run(RuleWhole, s, e.factory)
	}
}

// restart lets an answer break off, for a caller that can start over and for one that cannot.
func (e *examination) restart() {
	s := e.scenario("an answer breaks off", fault.MidStreamDrop{}, fakeprovider.Healthy{})
	s.Expect = scenarios.Expecting(assertions.NoLeaks{})
	trial := e.run(RuleRestart, s, e.factory)
	if outcome, _ := trial.Timeline.Outcome(1); outcome != timeline.Answered && outcome != timeline.FailedClearly {
		e.complain(RuleRestart, "%s: want an error, or a restart and a whole answer, but it is %s", s.Name, outcome)
	}
	s.Name += ", and the caller cannot start over"
	s.Calls[0].Restarts = false
	s.Expect = scenarios.Expecting(assertions.Answer{Outcome: timeline.FailedClearly.String(), Restarts: new(0)}, assertions.NoLeaks{})
	e.run(RuleRestart, s, e.factory)
}

const (
	// leaves is when the caller of returns goes, soon how long the target may take to notice.
	leaves = 10 * time.Second
	soon   = 5 * time.Second
)

// returns lets the caller go while every provider is silent.
func (e *examination) returns() {
	s := e.scenario("the caller goes", fault.HeartbeatOnly{}, fault.HeartbeatOnly{})
	s.Expect = scenarios.Expecting(assertions.NoLeaks{})
	watch := &watch{leaves: leaves}
	trial := e.run(RuleReturns, s, watch.around(e.factory))
	switch seen := watch.sight(); {
	case seen.returned && seen.after > leaves+soon:
		e.complain(RuleReturns, "%s: it returned %s after its context had ended", s.Name, seen.after-leaves)
	case seen.returned && seen.err == nil:
		e.complain(RuleReturns, "%s: it returned nil, and there was no answer", s.Name)
	}
	for _, a := range trial.Timeline.Attempts() {
		if a.Start > leaves {
			e.complain(RuleReturns, "%s: it sent a request to %s %s later", s.Name, a.Provider, a.Start-leaves)
		}
	}
}

// scale compares how long the target waits for a silent primary in virtual time and, twice, in accelerated time.
func (e *examination) scale() {
	s := e.scenario("a silent primary", fault.HeartbeatOnly{}, fakeprovider.Healthy{})
	s.Deadline = scenarios.DefaultDeadline
	s.Expect = scenarios.Expecting(assertions.NoLeaks{})
	want, moved := waited(harness.RunScenario(s, e.factory, e.options...))
	if !moved || want == 0 {
		return // it waits for ever, or not at all: there is nothing to compare
	}
	s.Deadline = tooSlow * want // which is when a target that is too slow is cut
	speed := min(max(want.Seconds(), 1), fastest)
	for range 2 {
		trial := harness.RunScenario(s, e.factory, append([]harness.Option{harness.WithClock(harness.Accelerated(speed))}, e.options...)...)
		if got, moved := waited(trial); !moved || got < want/2 {
			e.complain(RuleScale, "%s: it moves on after %s, and %.0f times as fast after %s", s.Name, want, speed, got.Round(time.Millisecond))
			return
		}
	}
}

const (
	// fastest is as fast as a busy machine can follow.
	fastest = 600
	// tooSlow is how many times as long as in virtual time is too long, on a machine that is busy.
	tooSlow = 4
)

// waited is when a target stopped waiting for its primary: it asked another one, or returned. moved says that it did.
func waited(trial *harness.Trial) (at time.Duration, moved bool) {
	if after := trial.Timeline.Measures(1).TimeToFallback; after != nil {
		return after.Duration(), true
	}
	client, ok := trial.Timeline.Client(1)
	outcome, _ := trial.Timeline.Outcome(1)
	return client.End - client.Start, ok && outcome != timeline.Hung
}

// findings is what was not as it should be.
func findings(trial *harness.Trial) string {
	var all []string
	for _, r := range trial.Judgement.Results {
		if r.Verdict != assertions.Passed {
			all = append(all, r.Name+": "+r.Message)
		}
	}
	return strings.Join(all, "; ")
}
