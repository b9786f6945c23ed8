package reports_test

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/timeline"
)

// lateRun returns a stored run whose fallback came after its limit.
func lateRun() reports.Run {
	run := reports.NewRun(hang(), assertions.Judgement{})
	run.Timeline, run.Target, run.Policy = nil, "mine", ""
	run.Verdict, run.Replay = assertions.Failed, "mychaos run hang --seed 7"
	run.Expectations = []reports.Expectation{{
		Name: "time_to_fallback", Verdict: assertions.Failed,
		Limit: timeline.Seconds(time.Minute), Got: timeline.Seconds(302500 * time.Millisecond),
		Message: "fallback took 5m2.5s, limit 1m0s",
	}}
	return run
}

// Text is for people, at a terminal or in a CI log.
func ExampleText() {
	var report reports.Report
	report.Add(lateRun())
	if err := reports.Text(os.Stdout, report); err != nil {
		fmt.Println(err)
	}
	// Output:
	// failed   hang / mine  fell back after 5m3s, limit 1m; 5m of it silence
	//     failed   time_to_fallback: fallback took 5m2.5s, limit 1m0s
	//     call 1: first content 500ms, stall 5m0s, backoff 2.5s, answer 20ms
	//     replay: mychaos run hang --seed 7
	//
	// 0 passed, 1 failed: 5m3s of scenario time in 0s
}

// NewJUnit writes the XML of CI servers, run by run. The example prints the suites and the cases.
func ExampleNewJUnit() {
	var xml strings.Builder
	var total reports.Summary
	stream := reports.NewJUnit(&xml, reports.Header{Version: "v1", Seed: 7})
	for _, run := range []reports.Run{lateRun()} {
		total.Add(run)
		if err := stream.Add(run); err != nil {
			fmt.Println(err)
		}
	}
	if err := stream.Close(total); err != nil {
		fmt.Println(err)
	}
	for line := range strings.Lines(xml.String()) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "<testsuites") || strings.HasPrefix(line, "<testcase") {
			fmt.Println(line)
		}
	}
	// Output:
	// <testsuites tests="1" errors="0" failures="1" time="303.020">
	// <testcase name="hang" classname="mine" time="303.020">
}

// A Kind is a form of report of your own. Pass it to cli.Options.Reports, and select it with
// --report csv=runs.csv.
func ExampleKind() {
	kind := reports.Kind{Name: "csv", Open: func(w io.Writer, _ reports.Header) reports.Stream { return csv{w} }}
	stream := kind.Open(os.Stdout, reports.Header{})
	_ = stream.Add(lateRun())
	_ = stream.Close(reports.Summary{})
	// Output: hang,mine,failed
}

// csv writes one line per run.
type csv struct{ w io.Writer }

func (c csv) Add(run reports.Run) error {
	_, err := fmt.Fprintf(c.w, "%s,%s,%s\n", run.Scenario, run.Target, run.Verdict)
	return err
}

func (c csv) Close(reports.Summary) error { return nil }
