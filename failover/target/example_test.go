package target_test

import (
	"context"
	"fmt"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/failover/target"
	"github.com/chaosrun/chaosrun/reports"
)

// Every shipped policy runs one scenario.
func ExampleVariants() {
	plan, err := campaign.NewPlan(target.Variants(failover.Policies()...), campaign.Options{
		Scenarios: []string{"healthy"}, Seed: 1,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := plan.Execute(context.Background(), func(reports.Run) error { return nil })
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d of %d passed\n", result.Summary.Passed, plan.Len())
	// Output: 8 of 8 passed
}
