package target_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/failover/target"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
)

// TestReported plays what users of other engines have reported, in which patience matters as much
// as haste. `recommended` passes each, and an engine that differs from it in one knob does not.
func TestReported(t *testing.T) {
	wrong := map[string]string{
		"a-400-that-passes":           `classify: {table: hermes-0.20}`,
		"a-thought-and-no-answer":     `stream: {accept_thoughts: true}`,
		"asks-again-too-early":        `memory: {cooldown: {as_asked: false}}, retry: {retry_after: {cap: 120s}}`,
		"back-after-what-it-asked":    `memory: {cooldown: {as_asked: false}}`,
		"half-an-hour-each-message":   `memory: {cooldown: {as_asked: false}}, retry: {retry_after: {cap: 120s}}`,
		"keepalive-events-responses":  `hedge: {after: 20s}`,
		"prefill-of-331-seconds":      `watch: {stale_scaling: []}`,
		"short-wait-hidden-in-a-date": `memory: {cooldown: {as_asked: false}}`,
		"the-model-is-being-loaded":   `reasons: {overloaded: {alone: 0}}`,
		"three-hours-and-nobody-else": `retry: {retry_after: {within_deadline: false, cap: 120s}}`,
	}
	files, err := filepath.Glob(filepath.Join("testdata", "reported", "*.yaml"))
	if err != nil || len(files) != len(wrong) {
		t.Fatalf("%d scenarios and %d wrong engines, %v", len(files), len(wrong), err)
	}
	right, err := failover.FindPolicy("recommended")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, err := scenarios.Load(file, text)
			if err != nil {
				t.Fatal(err)
			}
			harness.RunScenario(s, target.Factory(right)).Check(t)
			knob, known := wrong[s.Name]
			if !known {
				t.Fatalf("no wrong engine for %s", s.Name)
			}
			other, err := failover.LoadPolicy("wrong.yaml", []byte("{policy: wrong, extends: recommended, "+knob+"}"))
			if err != nil {
				t.Fatal(err)
			}
			if got := harness.RunScenario(s, target.Factory(other)).Verdict(); got != assertions.Failed {
				t.Errorf("%s: with %s it is %s", s.Name, knob, got)
			}
		})
	}
}
