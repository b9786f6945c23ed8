package target_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/failover/target"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/scenarios"
)

var update = flag.Bool("update", false, "rewrite the golden file")

// numbers are left out of the golden file, because the SDKs of some policies wait at random.
var numbers = regexp.MustCompile(`\d+(\.\d+)?`)

// TestSentences tells every run of the catalogue that a shipped policy does not pass, in a golden
// file that people read: one sentence, which says what happened and what to change.
func TestSentences(t *testing.T) {
	var all strings.Builder
	for _, policy := range failover.Policies() {
		for _, s := range scenarios.Catalogue() {
			trial := harness.RunScenario(s, target.Factory(policy))
			if trial.Verdict().Holds() {
				continue
			}
			sentence := reports.Sentence(reports.NewRun(trial.Timeline, trial.Judgement))
			if strings.ContainsAny(sentence, "\n%") || len(sentence) > 400 || sentence == "" {
				t.Errorf("%s / %s: %q", s.Name, policy.Name, sentence)
			}
			fmt.Fprintf(&all, "%s / %s\n  %s\n", policy.Name, s.Name, numbers.ReplaceAllString(sentence, "N"))
		}
	}
	golden := filepath.Join("testdata", "sentences.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(all.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), all.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
