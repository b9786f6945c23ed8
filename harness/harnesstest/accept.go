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

// A Rule is something that every Target must keep, whatever its engine does about faults.
type Rule string

const (
	// RuleSkips says that the target skips a chain whose protocols it does not speak, and no other.
	RuleSkips Rule = "skips"
	// RuleAnswers says that the target is built inside the run's time, and delivers a healthy
	// primary's answer, in order, before Call returns.
	RuleAnswers Rule = "answers"
	// RuleWhole says that the target returns nil only for a whole answer.
	RuleWhole Rule = "whole"
	// RuleRestart says that the target tells the caller when another answer begins, and begins none
	// if the caller cannot start over.
	RuleRestart Rule = "restart"
	// RuleReturns says that the target returns an error soon after the context has ended, and sends
	// no further request.
	RuleReturns Rule = "returns"
	// RuleLetsGo says that the target leaves no goroutine, connection or request behind.
	RuleLetsGo Rule = "lets-go"
	// RuleScale says that the target multiplies its waits by the Lab's scale, in every run of one
	// factory alike.
	RuleScale Rule = "scale"
)

// A Complaint is a rule that a target breaks, and what was seen.
type Complaint struct {
	Rule Rule
	Said string
}

// Accept reports every rule that the targets of a factory break. It takes a few seconds of real
// time.
func Accept(t harness.T, f harness.Factory, opts ...harness.Option) {
	t.Helper()
	for _, c := range Examine(f, opts...) {
		t.Errorf("a target keeps the rule %q: %s", c.Rule, c.Said)
	}
}

// Examine returns what Accept reports. A target that breaks RuleSkips or RuleAnswers is not
// examined any further, and RuleScale is looked at last, if no other rule is broken.
func Examine(f harness.Factory, opts ...harness.Option) []Complaint {
	e := &examination{factory: f, options: opts}
	// A group is examined only if the groups before it had no complaints. The last one takes real
	// time.
	for _, steps := range [][]func(){{e.skips}, {e.answers}, {e.whole, e.restart, e.returns}, {e.scale}} {
		for _, step := range steps {
			step()
		}
		if len(e.complaints) > 0 {
			break
		}
	}
	return e.complaints
}

// An examination collects the complaints about a factory.
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

// scenario returns a chain of providers that speak the target's protocol, with one fault each.
func (e *examination) scenario(name string, faults ...fakeprovider.Fault) scenarios.Scenario {
	s := scenarios.OfFault(name, faults[0])
	s.Deadline, s.Providers, s.UnreachedOK = time.Hour, nil, true // a target need not have a fallback
	for i, f := range faults {
		s.Providers = append(s.Providers, scenarios.Provider{
			Name: []string{"primary", "secondary"}[i], Protocol: e.protocol, OnRequest: []fakeprovider.Fault{f},
		})
	}
	return s
}

// run plays a scenario. A finding that fails breaks the rule; one about leaks breaks RuleLetsGo.
func (e *examination) run(rule Rule, s scenarios.Scenario, f harness.Factory) *harness.Trial {
	trial := harness.RunScenario(s, f, e.options...)
	for _, r := range trial.Judgement.Results {
		broken := rule
		if r.Name == (assertions.NoLeaks{}).Name() {
			broken = RuleLetsGo
		}
		if r.Verdict > assertions.Passed {
			e.complain(broken, "%s: %s: %s", s.Name, r.Name, r.Message)
		}
	}
	return trial
}

// skips looks for a protocol that the target speaks, and tries one that it cannot know.
func (e *examination) skips() {
	var reasons []string
	for _, p := range protocol.All() {
		e.protocol = p.Name()
		trial := harness.RunScenario(e.scenario("healthy", fakeprovider.Healthy{}), e.factory, e.options...)
		if trial.Skipped() != "" {
			reasons = append(reasons, p.Name()+": "+trial.Skipped())
			continue
		}
		if findings(trial) == "" { // a target that does not answer breaks other rules
			e.skipsUnknown()
		}
		return
	}
	e.complain(RuleSkips, "it skips every protocol: %s", strings.Join(reasons, "; "))
}

// skipsUnknown gives the target a chain over a protocol that it cannot know.
func (e *examination) skipsUnknown() {
	words := scenarios.Shipped()
	words.Protocols = append(words.Protocols, unknown{})
	s := e.scenario("an unknown protocol", fakeprovider.Healthy{})
	s.Providers[0].Protocol = unknown{}.Name()
	trial := harness.RunScenario(s, e.factory, append([]harness.Option{harness.WithVocabulary(words)}, e.options...)...)
	if broken := findings(trial); trial.Skipped() == "" && broken != "" {
		e.complain(RuleSkips, "a chain over a protocol that it cannot know is neither skipped nor answered: %s", broken)
	}
}

// unknown is a protocol that no target knows. Its wire is OpenAI's, so a target that does not look
// at names answers.
type unknown struct{ protocol.OpenAIChat }

// Name returns "unknown-protocol".
func (unknown) Name() string { return "unknown-protocol" }

// answers wants the answer of a healthy primary, streamed and not.
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

// whole wants an error if no provider gives a whole answer.
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
		s.Expect = scenarios.Expecting(assertions.Answer{Outcome: assertions.Outcomes{timeline.FailedClearly.String()}},
			assertions.NoLeaks{})
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
	s.Expect = scenarios.Expecting(assertions.Answer{
		Outcome: assertions.Outcomes{timeline.FailedClearly.String()}, Restarts: new(0),
	}, assertions.NoLeaks{})
	e.run(RuleRestart, s, e.factory)
}

const (
	// leaves is when the caller cancels, soon how long the target may take to return then.
	leaves = 10 * time.Second
	soon   = 5 * time.Second
)

// returns cancels the call while every provider is silent.
func (e *examination) returns() {
	s := e.scenario("the caller cancels", fault.HeartbeatOnly{}, fault.HeartbeatOnly{})
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

// scale compares how long the target waits for a silent primary in virtual time and, twice, in
// accelerated time.
func (e *examination) scale() {
	s := e.scenario("a silent primary", fault.HeartbeatOnly{}, fakeprovider.Healthy{})
	s.Deadline = scenarios.DefaultDeadline
	s.Expect = scenarios.Expecting(assertions.NoLeaks{})
	want, moved := waited(harness.RunScenario(s, e.factory, e.options...))
	if !moved || want == 0 {
		return // it never moves on, or at once: there is nothing to compare
	}
	s.Deadline = tooSlow * want // a target that is too slow is cut then
	speed := min(max(want.Seconds(), 1), fastest)
	for range 2 {
		trial := harness.RunScenario(s, e.factory,
			append([]harness.Option{harness.WithClock(harness.Accelerated(speed))}, e.options...)...)
		if got, moved := waited(trial); !moved || got < want/2 {
			e.complain(RuleScale, "%s: it moves on after %s, and %.0f times as fast after %s", s.Name, want, speed,
				got.Round(time.Millisecond))
			return
		}
	}
}

const (
	// fastest is a speed that a busy machine can follow.
	fastest = 600
	// tooSlow is how many times its virtual wait a target may take. It leaves room for a busy
	// machine.
	tooSlow = 4
)

// waited returns when a target stopped waiting for its primary: it asked another provider, or
// returned. moved says that it did.
func waited(trial *harness.Trial) (at time.Duration, moved bool) {
	if after := trial.Timeline.Measures(1).TimeToFallback; after != nil {
		return after.Duration(), true
	}
	client, ok := trial.Timeline.Client(1)
	outcome, _ := trial.Timeline.Outcome(1)
	return client.End - client.Start, ok && outcome != timeline.Hung
}

// findings joins the messages of all findings that did not pass.
func findings(trial *harness.Trial) string {
	var all []string
	for _, r := range trial.Judgement.Results {
		if r.Verdict > assertions.Passed {
			all = append(all, r.Name+": "+r.Message)
		}
	}
	return strings.Join(all, "; ")
}
