package wrong

import (
	"context"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/scenarios"
)

// dishonest are engines that tell their caller something that is not so.
func dishonest() []Engine {
	drop := fault.MidStreamDrop{After: 3}
	alone := scenarios.OfFault("part", drop)
	alone.Providers = alone.Providers[:1]
	unasked := scenarios.OfFault("unasked", drop)
	unasked.Calls[0].Restarts = false
	unasked.Expect = scenarios.Expecting(assertions.Answer{Outcome: assertions.Outcomes{"failed"}},
		assertions.NoFallback{})
	all := []Engine{
		{
			Name: "accepts-a-part", Wrong: "It calls a part of an answer a success, rather than return an error.",
			Factory: AcceptsAPart(), Scenario: alone, Says: []string{"a part of the answer of primary"},
			Rule: harnesstest.RuleWhole,
		},
		{
			Name:    "splices",
			Wrong:   "It goes on with another provider's answer, and does not tell its caller to start over.",
			Factory: Splices(), Scenario: scenarios.OfFault("splice", drop),
			Says: []string{"pieces of several answers as one"}, Rule: harnesstest.RuleRestart,
		},
		{
			Name: "restarts-unasked", Wrong: "It starts over though its caller cannot.",
			Factory: RestartsUnasked(), Scenario: unasked, Says: []string{"secondary"}, Rule: harnesstest.RuleRestart,
		},
		{
			Name: "shuffles", Wrong: "It delivers pieces in another order than they arrived in.",
			Factory: Shuffles(), Scenario: scenarios.OfFault("order", fakeprovider.Healthy{}),
			Says: []string{"the pieces of the answer of primary in another order"}, Rule: harnesstest.RuleAnswers,
		},
		{
			Name: "speaks-late", Wrong: "It returns before it has delivered the last piece.",
			Factory: SpeaksLate(), Scenario: scenarios.OfFault("late", fakeprovider.Healthy{}),
			Says: []string{"a part of the answer of primary"}, Rule: harnesstest.RuleAnswers,
		},
	}
	for i := range all {
		all[i].Finding = assertions.Answer{}.Name()
	}
	return append(all, Engine{
		Name: "skips-everything", Wrong: "It skips whatever it is given.",
		Factory: SkipsEverything(), Rule: harnesstest.RuleSkips,
	}, Engine{
		Name:    "skips-nothing",
		Wrong:   "It fails every call over a protocol that it does not speak, rather than skip the run.",
		Factory: SkipsNothing(), Rule: harnesstest.RuleSkips,
	})
}

// AcceptsAPart calls a part of an answer a success, rather than return an error.
func AcceptsAPart() harness.Factory {
	return around(func(ctx context.Context, req harness.Request, emit func(harness.Delta),
		plain harness.TargetFunc,
	) error {
		some := false
		err := plain(ctx, req, func(d harness.Delta) { some = true; emit(d) })
		if some {
			return nil
		}
		return err
	})
}

// Splices goes on with another provider's answer, and does not tell its caller to start over.
func Splices() harness.Factory {
	return around(func(ctx context.Context, req harness.Request, emit func(harness.Delta),
		plain harness.TargetFunc,
	) error {
		return plain(ctx, req, func(d harness.Delta) {
			if d.Kind != harness.DeltaRestart {
				emit(d)
			}
		})
	})
}

// RestartsUnasked starts over though its caller cannot.
func RestartsUnasked() harness.Factory {
	return asking(func(req *harness.Request) { req.Restarts = true })
}

// Shuffles delivers each piece after the one that follows it.
func Shuffles() harness.Factory {
	return around(func(ctx context.Context, req harness.Request, emit func(harness.Delta),
		plain harness.TargetFunc,
	) error {
		var held []harness.Delta
		err := plain(ctx, req, func(d harness.Delta) {
			if held = append([]harness.Delta{d}, held...); len(held) > 1 {
				emit(held[0])
				emit(held[1])
				held = nil
			}
		})
		for _, d := range held {
			emit(d)
		}
		return err
	})
}

// SpeaksLate returns before it has delivered the last piece.
func SpeaksLate() harness.Factory {
	return keepsTheLast(func(_ context.Context, deliver func()) { time.AfterFunc(time.Millisecond, deliver) })
}

// keepsTheLast returns a factory of plain engines that return before they have delivered the last
// piece, and leave that to later.
func keepsTheLast(later func(ctx context.Context, deliver func())) harness.Factory {
	return around(func(ctx context.Context, req harness.Request, emit func(harness.Delta),
		plain harness.TargetFunc,
	) error {
		var held *harness.Delta
		err := plain(ctx, req, func(d harness.Delta) {
			if held != nil {
				emit(*held)
			}
			held = &d
		})
		if held != nil {
			later(ctx, func() { emit(*held) })
		}
		return err
	})
}

// SkipsEverything skips whatever it is given.
func SkipsEverything() harness.Factory {
	return func(harness.Lab) harness.Target { return harness.Skip{Reason: "not today"} }
}

// SkipsNothing fails every call over a protocol that it does not speak, rather than skip the run.
func SkipsNothing() harness.Factory {
	return func(lab harness.Lab) harness.Target {
		engine := harnesstest.Plain(lab)
		return harness.TargetFunc(engine.Call) // which is no harness.Skip any more
	}
}
