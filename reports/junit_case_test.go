package reports_test

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/timeline"
)

// TestJUnitTellsACase checks the measures of a case, and what its failure says: the sentence, the
// target's advice, the place in the scenario file, what to change, and the replay.
func TestJUnitTellsACase(t *testing.T) {
	late := assertions.Must(assertions.TimeToFallback{Max: time.Minute})
	run := reports.NewRun(hang(), assertions.Judge(hang(), late))
	run.File, run.Expectations[0].Line, run.Advice = "failover/mine.yaml", 12, "set idle_timeout"
	run.Replay = "chaosrun run failover/mine.yaml"
	second := run.Calls[0]
	second.Outcome, second.Measures.TimeToFallback = timeline.Hung, nil
	run.Calls = append(run.Calls, second)
	var r reports.Report
	r.Add(run)
	var b bytes.Buffer
	if err := reports.JUnit(&b, r); err != nil {
		t.Fatal(err)
	}
	var read struct {
		Suites []struct {
			Cases []struct {
				Failure string `xml:"failure"`
				Out     string `xml:"system-out"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(b.Bytes(), &read); err != nil || len(read.Suites) != 1 || len(read.Suites[0].Cases) != 1 {
		t.Fatalf("%v: %+v", err, read)
	}
	one := read.Suites[0].Cases[0]
	want := []string{
		"call 1 of 2 fell back after 5m3s, limit 1m; 5m of it silence behind 30 heartbeats on 1 attempt; " +
			"set idle_timeout",
		"the target's advice: set idle_timeout",
		"time_to_fallback: fallback took 5m2.5s, limit 1m0s (limit 1m0s, got 5m2.5s) at failover/mine.yaml:12",
		"  → shorten the deadline for content: it fired, but too late",
		"replay: chaosrun run failover/mine.yaml",
	}
	if diff := cmp.Diff(want, strings.Split(one.Failure, "\n")); diff != "" {
		t.Errorf("failure (-want +got):\n%s", diff)
	}
	out, _, _ := strings.Cut(one.Out, "    0.000s")
	properties := "[[PROPERTY|verdict=failed]]\n[[PROPERTY|seed=7]]\n[[PROPERTY|clock=virtual]]\n" +
		"[[PROPERTY|outcome=answered, hung]]\n[[PROPERTY|time_to_answer_s=303.020]]\n" +
		"[[PROPERTY|time_to_fallback_s=302.500]]\n[[PROPERTY|time_to_first_content_s=303.000]]\n" +
		"[[PROPERTY|attempts.primary=2]]\n[[PROPERTY|attempts.secondary=2]]\n"
	if diff := cmp.Diff(properties, out); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}
