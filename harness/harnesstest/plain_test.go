package harnesstest_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// held runs a scenario against the plain engine, and wants it to pass, or to fail if there is a
// reason. What the engine learns to pass has to leave its list.
func held(t *testing.T, s scenarios.Scenario, why string) {
	t.Helper()
	run := harness.RunScenario(s, harnesstest.Plain)
	switch {
	case run.Skipped() != "":
		t.Error("skipped: " + run.Skipped())
	case why == "":
		run.Check(t)
	case run.Verdict() != assertions.Failed:
		t.Errorf("got %s, want failed, because %s: has the engine learnt to cope with it?", run.Verdict(), why)
	}
}

func TestPlainAgainstTheCatalogue(t *testing.T) {
	t.Parallel()
	fails := map[string]string{
		"very-slow-first-token": "it does not ask two providers at once",
		"replayed-prefix":       "it believes every piece, and does not compare the padding of the chunks",
	}
	for _, s := range scenarios.Catalogue() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			held(t, s, fails[s.Name])
		})
	}
}

// The tag core selects what every engine has to bear: some two dozen scenarios that a right engine
// of any kind passes, each in less than the two minutes that the target files of `chaosrun init`
// give a call in real time, and without a wire, a restart or a certificate of its own.
func TestPlainPassesTheCore(t *testing.T) {
	core, cells := 0, 2*time.Minute
	for _, s := range scenarios.Catalogue() {
		if !slices.Contains(s.Tags, "core") {
			continue
		}
		core++
		if len(s.Providers) != 2 || slices.Contains(s.Tags, "wire") {
			t.Errorf("%s has %d providers and the tags %v", s.Name, len(s.Providers), s.Tags)
		}
		run := harness.RunScenario(s, harnesstest.Plain)
		run.Check(t)
		if events := run.Timeline.Events; len(events) == 0 || events[len(events)-1].At > cells {
			t.Errorf("%s takes more than %s", s.Name, cells)
		}
	}
	if core < 20 || core > 30 {
		t.Errorf("the core has %d scenarios, want 20 to 30", core)
	}
}

// Against every fault the plain engine does what a right engine does.
func TestPlainAgainstEveryFault(t *testing.T) {
	t.Parallel()
	const believing = "it believes every piece, and does not compare the padding of the chunks"
	fails := map[string]string{
		"duplicated-events": believing, "replayed-prefix": believing, "reordered-events": believing,
		"proxy-refuses": "to net/http a proxy that refuses is an error like any other, and it asks again",
	}
	for _, info := range fault.All() {
		t.Run(info.Name, func(t *testing.T) {
			t.Parallel()
			s := scenarios.OfFault(info.Name, info.Default)
			s.Expect = scenarios.Right(info.Right, true)
			held(t, s, fails[info.Name])
		})
	}
}

// The answer of a model that thinks, says something and calls a tool arrives whole over every
// protocol, streamed and not.
func TestPlainSpeaksEveryProtocol(t *testing.T) {
	t.Parallel()
	answers := map[string]fakeprovider.Script{
		"text": {fakeprovider.Text{Value: "hello", ITL: time.Second}, fakeprovider.Finish{Reason: "stop"}},
		"tools": {
			fakeprovider.CallTool{Name: "get_capital", Arguments: `{"country":"Peru"}`},
			fakeprovider.Finish{Reason: "tool_calls"},
		},
		"part": {fakeprovider.Text{Value: "hello", ITL: time.Second}, fakeprovider.End{How: fakeprovider.EOF}},
	}
	for _, p := range protocol.All() {
		for name, script := range answers {
			for _, streamed := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s/%s/streamed=%v", p.Name(), name, streamed), func(t *testing.T) {
					t.Parallel()
					s := scenarios.OfFault(name, script)
					s.Providers[0].Protocol, s.Calls[0].Stream = p.Name(), streamed
					from := "primary"
					if name == "part" {
						from = "secondary"
					}
					s.Expect = scenarios.Expecting(assertions.Answer{From: from}, assertions.NoLeaks{})
					held(t, s, "")
				})
			}
		}
	}
}

func TestPlainSkipsWhatItDoesNotSpeak(t *testing.T) {
	t.Parallel()
	words := scenarios.Shipped()
	words.Protocols = append(words.Protocols, strange{})
	s := scenarios.OfFault("strange", fakeprovider.Healthy{})
	s.Providers[0].Protocol = strange{}.Name()
	run := harness.Run(t, s, harnesstest.Plain, harness.WithVocabulary(words))
	if run.Verdict() != assertions.Skipped || run.Skipped() != "the plain engine does not speak strange" {
		t.Errorf("got %s: %q", run.Verdict(), run.Skipped())
	}
}

// strange is a protocol that no engine knows.
type strange struct{ protocol.OpenAIChat }

func (strange) Name() string { return "strange" }

// One factory, three runs, at x60: the engine scales a copy of its options.
func TestPlainIsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	s := scenarios.OfFault("silence", fault.HeartbeatOnly{})
	factory := harnesstest.NewPlain(harnesstest.Options{FirstContent: 20 * time.Second})
	for range 3 {
		run := harness.Run(t, s, factory, harness.WithClock(harness.Accelerated(60)))
		got := run.Timeline.Measures(1).TimeToFallback
		if got == nil || got.Duration() < 20*time.Second || got.Duration() > 5*time.Minute { // on a busy machine
			t.Errorf("fell back after %v, want 20 s", got)
		}
	}
}

// The last provider is waited for, if its Retry-After is short.
func TestPlainWaitsForTheLastProvider(t *testing.T) {
	t.Parallel()
	for wait, want := range map[string]timeline.Outcome{"5": timeline.Answered, "60": timeline.FailedClearly} {
		s := scenarios.OfFault("limited", fault.RateLimited{RetryAfter: wait})
		s.Providers = s.Providers[:1]
		s.Providers[0].OnRequest = append(s.Providers[0].OnRequest, fakeprovider.Healthy{})
		run := harness.Run(t, s, harnesstest.Plain)
		if got, _ := run.Timeline.Outcome(1); got != want {
			t.Errorf("with a Retry-After of %s s: %s, want %s\n%s", wait, got, want, run.Timeline)
		}
	}
}
