package campaign_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/timeline"
)

// TestCallLimits looks at what cuts a call: the command line before the target, the target before
// the limit of a cell, and that limit only where an engine is in another process. server-error has
// a deadline of two hours, as heartbeat-only has, which is a flagship.
func TestCallLimits(t *testing.T) {
	t.Parallel()
	const cell, option, target = timeline.LimitOfCell, timeline.LimitByOption, timeline.LimitByTarget
	for name, c := range map[string]struct {
		inside   bool
		own      time.Duration
		asked    time.Duration
		clock    harness.Clock
		scenario string
		want     time.Duration
		by       timeline.CallLimitBy
	}{
		"a cell on the wall clock": {clock: harness.Wall(), want: 90 * time.Second, by: cell},
		"a flagship on the wall clock": {
			clock: harness.Wall(), scenario: "heartbeat-only", want: 90 * time.Second, by: cell,
		},
		"a cell in virtual time":     {clock: harness.Tree(), want: 20 * time.Minute, by: cell},
		"a flagship in virtual time": {clock: harness.Tree(), scenario: "heartbeat-only"},
		"an engine of this program":  {inside: true, clock: harness.Wall()},
		"its own limit":              {own: time.Hour, clock: harness.Tree(), want: time.Hour, by: target},
		"its own limit for a flagship": {
			own: time.Hour, clock: harness.Tree(), scenario: "heartbeat-only", want: time.Hour, by: target,
		},
		"the command line's": {
			own: time.Hour, asked: time.Minute, clock: harness.Wall(), want: time.Minute, by: option,
		},
		"the command line's, longer": {
			own: time.Second, asked: time.Hour, clock: harness.Wall(), want: time.Hour, by: option,
		},
		"the command line's inside": {
			inside: true, asked: time.Minute, clock: harness.Virtual(), want: time.Minute, by: option,
		},
		"the command line's beyond a deadline": {asked: 3 * time.Hour, clock: harness.Tree()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := campaign.Variant{
				Name: "e", Outside: !c.inside, CallLimit: c.own,
				Factory: func(harness.Lab) harness.Target {
					return harness.TargetFunc(func(context.Context, harness.Request, func(harness.Delta)) error {
						return errors.New("no")
					})
				},
			}
			if v.Outside {
				v.Options = []harness.Option{harness.WithOutside(harness.Outside{})}
			}
			limits := assertions.Limits{}
			if c.asked > 0 {
				limits[campaign.CallLimit] = c.asked
			}
			scenario := c.scenario
			if scenario == "" {
				scenario = "server-error"
			}
			plan, err := campaign.NewPlan([]campaign.Variant{v}, campaign.Options{
				Scenarios: []string{scenario}, Clock: c.clock, Limits: limits, Cadence: campaign.AsWritten(),
			})
			if err != nil {
				t.Fatal(err)
			}
			_, err = plan.Execute(t.Context(), func(run reports.Run) error {
				if run.CallLimit.Duration() != c.want || run.CallLimitBy != c.by {
					t.Errorf("calls are cut after %s by %q, want %s by %q", run.CallLimit.Duration(), run.CallLimitBy,
						c.want, c.by)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestCutBeforeTheLimit makes an engine wait for ever against a limit of five minutes. What cuts
// it before says nothing about it, and what cuts it after does.
func TestCutBeforeTheLimit(t *testing.T) {
	t.Parallel()
	for cut, want := range map[time.Duration]assertions.Verdict{
		4 * time.Minute: assertions.Unknown, 6 * time.Minute: assertions.Failed,
	} {
		v := campaign.Variant{Name: "plain", Factory: newPlain} // it has no timer
		plan, err := campaign.NewPlan([]campaign.Variant{v}, campaign.Options{
			Scenarios: []string{"silence-after-headers"}, Limits: assertions.Limits{campaign.CallLimit: cut},
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = plan.Execute(t.Context(), func(run reports.Run) error {
			if run.Verdict != want {
				t.Errorf("cut after %s: %s, want %s: %+v", cut, run.Verdict, want, run.Expectations)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
