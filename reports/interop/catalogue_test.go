package interop_test

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/failover/target"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/reports"
)

// catalogue returns the report of real runs: the whole catalogue against three policies and
// an engine that speaks one protocol, and a scenario for each verdict that is then missing. It has
// every verdict.
func catalogue(t *testing.T) reports.Report {
	t.Helper()
	report, err := once()
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[assertions.Verdict]int{}
	for _, run := range report.Runs {
		verdicts[run.Verdict]++
	}
	for _, verdict := range []assertions.Verdict{
		assertions.Passed, assertions.Partial, assertions.Failed, assertions.Unknown, assertions.Skipped,
	} {
		if verdicts[verdict] == 0 {
			t.Fatalf("no run is %s: %v", verdict, slices.Collect(maps.Keys(verdicts)))
		}
	}
	return report
}

// once makes the runs of catalogue, once for all tests.
var once = sync.OnceValues(func() (reports.Report, error) {
	report := reports.Report{Version: "test", Seed: 1, SDKVersions: target.SDKVersions()}
	var policies []failover.Policy
	for _, name := range []string{"recommended", "hermes-0.13", "sdk-defaults"} {
		policy, err := failover.FindPolicy(name)
		if err != nil {
			return report, err
		}
		policies = append(policies, policy)
	}
	own, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		return report, err
	}
	variants := append(target.Variants(policies...), campaign.Variant{Name: "chat-only", Factory: chatOnly})
	plan, err := campaign.NewPlan(variants, campaign.Options{Scenarios: append(own, "*"), Seed: 1})
	if err != nil {
		return report, err
	}
	_, err = plan.Execute(context.Background(), func(run reports.Run) error {
		report.Add(run)
		return nil
	})
	return report, err
})

// chatOnly builds the plain engine, and skips a chain in which not all speak OpenAI Chat.
func chatOnly(lab harness.Lab) harness.Target {
	for _, u := range lab.Upstreams() {
		if u.Protocol != "openai-chat" {
			return harness.Skip{Reason: `it speaks "openai-chat" & not <` + u.Protocol + ">"}
		}
	}
	return harnesstest.Plain(lab)
}
