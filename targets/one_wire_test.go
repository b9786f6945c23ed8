package targets

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
)

// chatWorker is a target file of a worker that speaks Chat Completions alone, whatever protocols it
// says. It gives up a provider without content after a while.
func chatWorker(t *testing.T, protocols string) *Target {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return parseTarget(t, fmt.Sprintf(`
target: chat-only
kind: worker
protocols: [%s]
start: {command: ['%s'], env: {%s: worker, PATIENCE: 3s}}
limits: {call: 30s}
`, protocols, self, engineVariable))
}

// runOnWire runs a scenario of the catalogue against a target on the wall clock.
func runOnWire(t *testing.T, target *Target, scenario string) *harness.Trial {
	t.Helper()
	s, err := scenarios.Find(scenario)
	if err != nil {
		t.Fatal(err)
	}
	variants, err := target.Variants(Options{})
	if err != nil {
		t.Fatal(err)
	}
	return harness.RunScenario(s, variants[0].Factory,
		append(variants[0].Options, harness.WithClock(harness.Wall()))...)
}

// The flagship's secondary is another vendor's. An engine that speaks one protocol meets both
// providers on it. It takes the five seconds of the healthy calls and of the fallback.
func TestOneWire(t *testing.T) {
	t.Parallel()
	run := runOnWire(t, chatWorker(t, "openai-chat"), "heartbeat-only")
	if run.Verdict() != assertions.Passed {
		t.Errorf("got %s %+v\n%s", run.Verdict(), run.Judgement, run.Timeline)
	}
	for _, p := range run.Timeline.Run.Providers {
		if p.Protocol != "openai-chat" {
			t.Errorf("%s speaks %s", p.Name, p.Protocol)
		}
	}
	// A scenario about a vendor's wire cannot be put on another one.
	if run := runOnWire(t, chatWorker(t, "openai-chat"), "heartbeat-only-anthropic"); !strings.HasPrefix(run.Skipped(),
		"it is about a vendor's wire") {
		t.Errorf("got %q", run.Skipped())
	}
}

// An engine that asks a provider in another protocol than it says proves nothing.
func TestTheWrongWire(t *testing.T) {
	t.Parallel()
	run := runOnWire(t, chatWorker(t, "openai-chat, anthropic-messages"), "heartbeat-only")
	const want = "secondary speaks anthropic-messages, was asked at /chat/completions"
	if results := run.Judgement.Results; run.Verdict() != assertions.Unknown || len(results) == 0 ||
		!strings.Contains(results[0].Message, want) {
		t.Errorf("got %s %+v\n%s", run.Verdict(), run.Judgement, run.Timeline)
	}
}
