package harness_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/harness/harnesstest/wrong"
	"github.com/chaosrun/chaosrun/scenarios"
)

// Each provider is asked with its own key, for its own model and with the caller's prompt, in every
// protocol, and no key is in the timeline.
func TestAsked(t *testing.T) {
	t.Parallel()
	s, err := scenarios.Find("server-error")
	if err != nil {
		t.Fatal(err)
	}
	for _, protocol := range []string{"openai-chat", "openai-responses", "anthropic-messages", "gemini"} {
		run := harness.RunScenario(s, harnesstest.Plain, harness.WithProtocols(protocol))
		for _, a := range run.Timeline.Attempts() {
			if a.Asked == nil || a.Asked.KeyOf != a.Provider || a.Asked.ModelOf != a.Provider ||
				len(a.Asked.Lacks) > 0 {
				t.Errorf("%s: %s was asked %+v", protocol, a.Provider, a.Asked)
			}
		}
		data, err := json.Marshal(run.Timeline)
		if err != nil || strings.Contains(string(data), "sk-") {
			t.Errorf("%s: a key is in the timeline, or %v", protocol, err)
		}
	}
	other := harness.RunScenario(s, wrong.AnotherPrompt(), harness.WithProtocols("openai-chat"))
	attempts := other.Timeline.Attempts()
	if last := attempts[len(attempts)-1]; last.Asked == nil || len(last.Asked.Lacks) != 1 {
		t.Errorf("another prompt: %+v", last.Asked)
	}
}
