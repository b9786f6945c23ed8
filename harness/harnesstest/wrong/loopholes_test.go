package wrong_test

import (
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/harness/harnesstest/wrong"
	"github.com/chaosrun/chaosrun/scenarios"
)

// In calls with a history and tools, each loophole fails in five scenarios or more of those that
// the plain engine passes.
func TestLoopholes(t *testing.T) {
	t.Parallel()
	one := harness.WithProtocols("openai-chat")
	var passed []scenarios.Scenario
	for _, s := range scenarios.Catalogue() {
		for i := range s.Calls {
			s.Calls[i].Messages = []scenarios.Message{
				{Role: "user", Text: "My name is Ada."}, {Role: "assistant", Text: "Pleased to meet you."},
			}
			s.Calls[i].Tools = []scenarios.Tool{{Name: "get_weather", Description: "The weather in a city."}}
		}
		if harness.RunScenario(s, harnesstest.Plain, one).Verdict() == assertions.Passed {
			passed = append(passed, s)
		}
	}
	for _, l := range wrong.Loopholes() {
		t.Run(l.Name, func(t *testing.T) {
			t.Parallel()
			var failed []string
			for _, s := range passed {
				if harness.RunScenario(s, l.Factory, one).Verdict() == assertions.Failed {
					failed = append(failed, s.Name)
				}
			}
			if len(failed) < 5 {
				t.Errorf("it fails %d of the %d scenarios that the plain engine passes: %s", len(failed), len(passed),
					strings.Join(failed, ", "))
			}
			t.Logf("%d of %d: %s", len(failed), len(passed), strings.Join(failed, ", "))
		})
	}
}
