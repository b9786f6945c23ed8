package reports_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
)

// TestScorecardCountsWhatDiffers checks that repetitions which differ are not folded into one.
func TestScorecardCountsWhatDiffers(t *testing.T) {
	run := func(limit time.Duration) reports.Run {
		r := reports.NewRun(hang(), assertions.Judge(hang(), assertions.Must(assertions.TimeToFallback{Max: limit})))
		r.Target, r.Policy, r.TargetVersion, r.Settings = "relay", "", "1.2.3", map[string]string{"retries": "2"}
		return r
	}
	var page bytes.Buffer
	s := reports.NewScorecard(&page, reports.Header{Version: "v0"})
	for _, limit := range []time.Duration{time.Hour, time.Hour, time.Second} {
		if err := s.Add(run(limit)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(reports.Summary{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| relay | 1.2.3 | **passed** answered 1+1 (2 of 3), **failed** answered 1+1 (1 of 3) |",
		"| hang | passed (2 of 3), failed (1 of 3) | answered | 1+1 | 5m2.5s | the answer of secondary after 5m3s; misses time_to_fallback |",
		"Version 1.2.3. Settings: retries 2. Clock: virtual.",
	} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page lacks %q:\n%s", want, page.String())
		}
	}
}
