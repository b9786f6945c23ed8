package wrong

import (
	"context"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/scenarios"
)

// mistimed are engines that wait too long, or not as long as they say.
func mistimed() []Engine {
	silent := scenarios.OfFault("silent", fault.HeartbeatOnly{})
	silent.Deadline = 2 * time.Minute
	beating := scenarios.OfFault("beating", fault.HeartbeatOnly{Every: 2 * time.Second})
	beating.Deadline = 2 * time.Minute
	answer := assertions.Answer{}.Name()
	return []Engine{
		{
			Name: "believes-heartbeats", Wrong: "It takes any byte for a sign of life, and waits until it is cut.",
			Factory: BelievesHeartbeats(), Scenario: silent, Finding: answer, Says: []string{"cut"},
			Rule: harnesstest.RuleWhole,
		},
		{
			Name: "counts-heartbeats", Wrong: "Each heartbeat starts its idle timer of five seconds anew.",
			Factory: CountsHeartbeats(5 * time.Second), Scenario: beating, Finding: answer, Says: []string{"cut"},
		},
		{
			Name: "ignores-its-context", Wrong: "It goes on with its work when its caller has gone.",
			Factory: IgnoresItsContext(), Rule: harnesstest.RuleReturns,
		},
		{
			Name: "ignores-the-scale", Wrong: "It waits in real seconds, whatever the scale.",
			Factory: IgnoresTheScale(), Scenario: silent, Clock: harness.Accelerated(60), Finding: answer,
			Says: []string{"cut"},
			Rule: harnesstest.RuleScale,
		},
		{
			Name: "rescales",
			Wrong: "Its factory scales the durations that it closes over, and each run is faster than the one " +
				"before.",
			Factory: Rescales(), Rule: harnesstest.RuleScale,
		},
	}
}

// BelievesHeartbeats takes any byte for a sign of life, and waits until it is cut.
func BelievesHeartbeats() harness.Factory {
	return call(func(ctx context.Context, u harness.Upstream, emit func(harness.Delta)) error {
		err := askAndRead(ctx, u)
		answer(emit)
		return err
	}).factory()
}

// IgnoresItsContext goes on with its work when its caller has gone.
func IgnoresItsContext() harness.Factory {
	return around(func(ctx context.Context, req harness.Request, emit func(harness.Delta),
		plain harness.TargetFunc,
	) error {
		return plain(context.WithoutCancel(ctx), req, emit)
	})
}

// patience is how long the engines below wait for content.
const patience = 42 * time.Second

// IgnoresTheScale waits in real seconds, whatever the scale.
func IgnoresTheScale() harness.Factory {
	return func(lab harness.Lab) harness.Target {
		return harnesstest.NewPlain(harnesstest.Options{
			FirstContent: time.Duration(float64(patience) / lab.Scale()),
		})(lab)
	}
}

// Rescales scales the durations that its factory closes over: each run is faster than the one
// before.
func Rescales() harness.Factory {
	wait := patience
	return func(lab harness.Lab) harness.Target {
		now := wait
		wait = time.Duration(float64(wait) * lab.Scale())
		return harnesstest.NewPlain(harnesstest.Options{FirstContent: now})(lab)
	}
}
