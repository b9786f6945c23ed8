package campaign_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/reports"
)

// moody returns an engine that returns an error in every third run, after its whole answer.
func moody() campaign.Variant {
	built := 0
	return campaign.Variant{Name: "moody", Factory: func(lab harness.Lab) harness.Target {
		built++
		good, bad := newPlain(lab), built%3 == 0
		return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
			err := good.Call(ctx, req, emit)
			if bad {
				err = errors.New("moody")
			}
			return err
		})
	}}
}

// TestUnequalRepetitionsAreSaid repeats a run of an engine that does not do the same each time,
// and one of an engine that does.
func TestUnequalRepetitionsAreSaid(t *testing.T) {
	for _, tt := range []struct {
		v    campaign.Variant
		n    int
		want []reports.Unequal
	}{
		{moody(), 2, nil},
		{moody(), 4, []reports.Unequal{{Label: "rate-limited / moody", Saw: []reports.Saw{
			{What: "answered primary 1 secondary 1", Runs: 3}, {What: "failed primary 1 secondary 1", Runs: 1},
		}}}},
		{mine()[0], 4, nil},
	} {
		o := campaign.Options{Scenarios: []string{"rate-limited"}, Repeat: tt.n, Seed: 1, Parallel: 1}
		plan, err := campaign.NewPlan([]campaign.Variant{tt.v}, o)
		if err != nil {
			t.Fatal(err)
		}
		result, err := plan.Execute(t.Context(), func(reports.Run) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, result.Summary.Unequal); diff != "" {
			t.Errorf("%s, %d times: (-want +got)\n%s", tt.v.Name, tt.n, diff)
		}
	}
}
