package reports_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
)

func TestLanes(t *testing.T) {
	seen := hang()
	run := reports.NewRun(seen,
		assertions.Judge(seen, assertions.Must(assertions.TimeToFallback{Max: 5 * time.Minute})))
	run.Title, run.Replay, run.Expectations[0].Line = "It hangs", "chaosrun exec hang -- a", 3
	var got strings.Builder
	if err := reports.Lanes(&got, run, reports.Screen{}); err != nil {
		t.Fatal(err)
	}
	want := `
      0.000s  call-1        call-started
      0.000s  primary #1    request-received POST /v1/chat/completions
      0.000s  primary #1    headers-sent 200
      0.000s  primary #1    heartbeat-sent  (×30 until 4m50.000s)
    5m00.000s  engine        decided kill primary
    5m00.000s  primary #1    client-disconnected
    5m02.500s  secondary #1  request-received POST /v1/messages
    5m02.500s  secondary #1  headers-sent 200
`
	lanes := "what the providers saw, from the start of the command:\n                 0s  "
	if !strings.HasPrefix(got.String(), lanes) ||
		!strings.Contains(got.String(), strings.ReplaceAll(want, "    5m", "   5m")) {
		t.Errorf("got\n%s", &got)
	}
	_, end, _ := strings.Cut(got.String(), "failed   hang")
	diff := cmp.Diff(`: It hangs
  fell back after 5m3s, limit 5m; 5m of it silence behind 30 heartbeats on 1
    attempt; shorten the deadline for content: it fired, but too late
  failed   time_to_fallback (line 3): fallback took 5m2.5s, limit 5m0s
           → shorten the deadline for content: it fired, but too late
  time to fallback: 5m2.5s
  attempts: primary 1, secondary 1; amplification 2
  connections: 1 ended, 1 closed when the command ended
  replay: chaosrun exec hang -- a
`, end)
	if diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := reports.Lanes(brokenWriter{}, run, reports.Screen{}); err == nil {
		t.Error("a writer that fails passed")
	}
	got.Reset()
	err := reports.Lanes(&got, reports.Run{Scenario: "s", Verdict: assertions.Skipped, SkipReason: "no wire"},
		reports.Screen{})
	if err != nil || got.String() != "skipped  s: no wire\n" {
		t.Errorf("got %q, %v", &got, err)
	}
}

type brokenWriter struct{}

// Write fails.
func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken") }
