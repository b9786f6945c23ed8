package campaign_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/scenarios"
)

// A test of an engine against a part of the catalogue, with subtests.
func ExampleRun() {
	// In a package of tests: func TestCatalogue(t *testing.T) { ... }
	testCatalogue := func(t *testing.T) { //nolint:thelper // it stands for a test
		campaign.Run(t, newPlain, campaign.Options{
			Name: "mine", Tags: "stall && !flagship",
			Baseline: "testdata/baseline.txt",
			Reports:  []campaign.Sink{{Kind: "junit", Path: "report.xml"}},
		})
	}
	_ = testCatalogue
}

// The same without a test.
func ExampleNewPlan() {
	plan, err := campaign.NewPlan([]campaign.Variant{{Name: "mine", Factory: newPlain}}, campaign.Options{
		Scenarios: []string{"healthy", "rate-limited", "heartbeat-only"}, Seed: 1,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := campaign.OpenReport([]campaign.Sink{{Kind: "junit", Path: os.DevNull}}, reports.All(),
		reports.Header{Seed: 1}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := plan.Execute(context.Background(), report.Add)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := report.Close(result.Summary); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d of %d passed\n", result.Summary.Passed, plan.Len())
	for _, run := range result.Failures {
		fmt.Println(run.Verdict, run.Label(), run.Calls[0].Outcome)
	}
	// Output:
	// 2 of 3 passed
	// failed heartbeat-only / mine hung
}

// Trials run one scenario many times, each time with another seed.
func ExampleTrials() {
	scenario, err := scenarios.Find("rate-limited")
	if err != nil {
		fmt.Println(err)
		return
	}
	trials := campaign.Trials{
		Scenarios: []scenarios.Scenario{scenario},
		Variants:  []campaign.Variant{{Name: "mine", Factory: newPlain}},
		N:         10, Seed: 1,
	}
	bench, err := trials.Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, cell := range bench.Cells {
		fmt.Printf("%s / %s: %d of %d passed\n", cell.Scenario, cell.Policy, cell.Passed, trials.N)
	}
	// Output: rate-limited / mine: 10 of 10 passed
}
