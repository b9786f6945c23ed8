package wrong

import (
	"context"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/scenarios"
)

// untidy are engines that leave something behind.
func untidy() []Engine {
	hanging := scenarios.OfFault("leak", fakeprovider.Script{
		fakeprovider.Text{}, fakeprovider.Finish{Reason: "stop"}, fakeprovider.End{How: fakeprovider.Hang},
	})
	healthy := scenarios.OfFault("leak", fakeprovider.Healthy{})
	all := []Engine{
		{
			Name: "keeps-a-stream", Wrong: "It never closes a stream that goes on.",
			Factory: KeepsAStream(), Scenario: hanging, Says: []string{"request 1 of primary is still open"},
		},
		{
			Name: "keeps-a-body", Wrong: "It neither reads nor closes a response.",
			Factory: KeepsABody(), Scenario: healthy, Says: []string{"connection", "to primary.test:80"},
		},
		{
			Name: "keeps-a-goroutine", Wrong: "It starts a goroutine that never ends.",
			Factory: KeepsAGoroutine(), Scenario: healthy,
			Says: []string{"goroutine [select (no cases)]", "KeepsAGoroutine", "untidy.go:"},
		},
	}
	for i := range all {
		all[i].Finding, all[i].Rule = assertions.NoLeaks{}.Name(), harnesstest.RuleLetsGo
	}
	return all
}

// answer gives the primary's answer, whatever was read of it.
func answer(emit func(harness.Delta)) { emit(harness.Text(fakeprovider.Canary("primary"))) }

// KeepsAStream never closes a stream that goes on.
func KeepsAStream() harness.Factory {
	return call(func(ctx context.Context, u harness.Upstream, emit func(harness.Delta)) error {
		_, err := ask(context.WithoutCancel(ctx), u) //nolint:bodyclose // it is the point
		answer(emit)
		return err
	}).factory()
}

// KeepsABody neither reads nor closes a response.
func KeepsABody() harness.Factory {
	return call(func(ctx context.Context, u harness.Upstream, emit func(harness.Delta)) error {
		_, err := ask(context.WithoutCancel(ctx), u) //nolint:bodyclose // it is the point
		time.Sleep(time.Minute)
		answer(emit)
		return err
	}).factory()
}

// KeepsAGoroutine starts a goroutine that never ends.
func KeepsAGoroutine() harness.Factory {
	return call(func(ctx context.Context, u harness.Upstream, emit func(harness.Delta)) error {
		go func() { select {} }()
		err := askAndRead(ctx, u)
		answer(emit)
		return err
	}).factory()
}
