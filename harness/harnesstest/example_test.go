package harnesstest_test

import (
	"context"
	"fmt"
	"time"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/scenarios"
)

// An adapter that never calls its engine breaks a rule of every target. In a test, Accept reports
// the same: harnesstest.Accept(t, newTarget).
func ExampleExamine() {
	mute := func(harness.Lab) harness.Target {
		return harness.TargetFunc(func(context.Context, harness.Request, func(harness.Delta)) error { return nil })
	}
	for _, complaint := range harnesstest.Examine(mute) {
		fmt.Println(complaint.Rule)
	}
	// Output: answers
}

// An engine that waits two minutes for the first content, and then asks the next provider.
func ExampleNewPlain() {
	patient := harnesstest.NewPlain(harnesstest.Options{FirstContent: 2 * time.Minute})
	s, err := scenarios.Find("no-response")
	if err != nil {
		fmt.Println(err)
		return
	}
	run := harness.RunScenario(s, patient)
	fmt.Println(run.Verdict(), run.Timeline.Measures(1).TimeToFallback)
	// Output: passed 2m0s
}
