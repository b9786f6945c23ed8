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

// hungUp are engines that do not notice that their caller has hung up.
func hungUp() []Engine {
	within := assertions.HangUp{Within: 2 * time.Second}
	all := []Engine{
		{
			Name:    "asks-on-after-the-hang-up",
			Wrong:   "It takes the end of its context for a failure of the provider, and asks the next one.",
			Factory: AsksOnAfterTheHangUp(),
			Says:    []string{"the caller hung up after 7.3s", "request 1 of secondary began"},
		},
		{
			Name:    "asks-again-after-a-while",
			Wrong:   "It returns at once, and a retry that it had planned is made all the same.",
			Factory: AsksAgainAfterAWhile(), Says: []string{"20s later request 2 of primary began"},
		},
		{
			Name:    "reads-on-after-the-hang-up",
			Wrong:   "It returns at once, and leaves the stream open for ten seconds more.",
			Factory: ReadsOnAfterTheHangUp(10 * time.Second),
			Says:    []string{"closed request 1 of primary 10s later, limit 2s"},
		},
		{
			Name:    "returns-late-after-the-hang-up",
			Wrong:   "It tidies up for five seconds before it returns from a call that its caller has left.",
			Factory: ReturnsLateAfterTheHangUp(5 * time.Second),
			Says:    []string{"the engine returned 5s later, limit 2s"},
		},
	}
	for i := range all {
		s := scenarios.OfFault("the-caller-hangs-up", fault.HeartbeatOnly{})
		s.Calls[0].HangUp = 7300 * time.Millisecond
		s.Expect = scenarios.Expecting(within)
		all[i].Scenario, all[i].Finding, all[i].Rule = s, within.Name(), harnesstest.RuleAnswers
	}
	return all
}

// AsksOnAfterTheHangUp takes the end of its context for a failure of the provider, and asks the
// next one in a context of its own.
func AsksOnAfterTheHangUp() harness.Factory {
	return func(lab harness.Lab) harness.Target {
		return harness.TargetFunc(func(ctx context.Context, _ harness.Request, _ func(harness.Delta)) (err error) {
			chain := lab.Upstreams()
			if err = askAndRead(ctx, chain[0]); err != nil && len(chain) > 1 {
				return askAndRead(context.WithoutCancel(ctx), chain[1])
			}
			return err
		})
	}
}

// AsksAgainAfterAWhile returns when its caller hangs up, and a goroutine asks the primary again
// later.
func AsksAgainAfterAWhile() harness.Factory {
	return call(func(ctx context.Context, u harness.Upstream, _ func(harness.Delta)) error {
		err := askAndRead(ctx, u)
		time.AfterFunc(20*time.Second, func() { //nolint:mnd // a while
			_ = askAndClose(context.WithoutCancel(ctx), u)
		})
		return err
	}).factory()
}

// ReadsOnAfterTheHangUp returns when its caller hangs up, and a goroutine reads the stream for a
// while more.
func ReadsOnAfterTheHangUp(more time.Duration) harness.Factory {
	return call(func(ctx context.Context, u harness.Upstream, _ func(harness.Delta)) error {
		open, cancel := context.WithCancel(context.WithoutCancel(ctx))
		done := make(chan error, 1)
		go func() { done <- askAndRead(open, u) }()
		select {
		case err := <-done:
			cancel()
			return err
		case <-ctx.Done():
			time.AfterFunc(more, cancel)
			return ctx.Err() //nolint:wrapcheck // nobody gets it
		}
	}).factory()
}

// ReturnsLateAfterTheHangUp closes its request when its caller hangs up, and returns later.
func ReturnsLateAfterTheHangUp(later time.Duration) harness.Factory {
	return call(func(ctx context.Context, u harness.Upstream, _ func(harness.Delta)) error {
		err := askAndRead(ctx, u)
		time.Sleep(later)
		return err
	}).factory()
}
