package reports_test

import (
	"fmt"
	"io"
	"os"
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

// NewJUnit writes the XML of CI servers, run by run.
func ExampleNewJUnit() {
	var total reports.Summary
	stream := reports.NewJUnit(os.Stdout, reports.Header{Version: "v1", Seed: 7})
	for _, run := range []reports.Run{lateRun()} {
		total.Add(run)
		if err := stream.Add(run); err != nil {
			fmt.Println(err)
		}
	}
	if err := stream.Close(total); err != nil {
		fmt.Println(err)
	}
	// Output:
	// <?xml version="1.0" encoding="UTF-8"?>
	// <testsuites tests="1" errors="0" failures="1" time="303.020">
	//   <testsuite name="mine" package="chaosrun" tests="1" skipped="0" errors="0" failures="1" time="303.020">
	//     <properties>
	//       <property name="version" value="v1"></property>
	//       <property name="seed" value="7"></property>
	//       <property name="clock" value="virtual"></property>
	//       <property name="target" value="mine"></property>
	//     </properties>
	//     <testcase name="hang" classname="mine" time="303.020">
	//       <failure message="time_to_fallback: fallback took 5m2.5s, limit 1m0s" type="failed">fell back after 5m3s, limit 1m; 5m of it silence&#xA;time_to_fallback: fallback took 5m2.5s, limit 1m0s (limit 1m0s, got 5m2.5s)&#xA;replay: mychaos run hang --seed 7</failure>
	//       <system-out>[[PROPERTY|verdict=failed]]&#xA;[[PROPERTY|seed=7]]&#xA;[[PROPERTY|clock=virtual]]&#xA;[[PROPERTY|outcome=answered]]&#xA;[[PROPERTY|time_to_answer_s=303.020]]&#xA;[[PROPERTY|time_to_fallback_s=302.500]]&#xA;[[PROPERTY|time_to_first_content_s=303.000]]&#xA;[[PROPERTY|attempts.primary=1]]&#xA;[[PROPERTY|attempts.secondary=1]]&#xA;</system-out>
	//     </testcase>
	//   </testsuite>
	// </testsuites>
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
