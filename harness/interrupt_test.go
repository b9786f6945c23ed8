package harness_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/scenarios"
)

// soon returns a context that ends after a moment of the wall clock.
func soon() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	DeferCleanup(cancel)
	return ctx
}

// closed counts how often a target was closed.
type closed struct {
	harness.Target
	times *int
}

// Close counts.
func (c closed) Close() error { *c.times++; return nil }

var _ = Describe("an interrupt", func() {
	hang := scenarios.OfFault("hang", fault.NoResponse{})
	wall := harness.WithClock(harness.Wall())

	DescribeTable("ends a run on the wall clock at once, whatever the engine does",
		func(engine harness.Factory, within time.Duration) {
			times, start := 0, time.Now()
			run := harness.RunScenario(hang,
				func(lab harness.Lab) harness.Target { return closed{engine(lab), &times} }, wall,
				harness.WithContext(soon()))
			Expect(time.Since(start)).To(BeNumerically("<", within))
			Expect(times).To(Equal(1), "it is closed all the same")
			Expect(run.Interrupted).To(BeTrue())
			Expect([]any{run.Verdict(), message(run)}).To(Equal([]any{
				assertions.Unknown, "the harness could not look: interrupted",
			}))
		},
		Entry("one that obeys", harness.Factory(harnesstest.Plain), 5*time.Second), // it would take 42 s
		Entry("one that does not", primary(func(context.Context, harness.Upstream, func(harness.Delta)) error {
			time.Sleep(time.Minute)
			return nil
		}), 10*time.Second), // a second is for it to obey
	)

	It("ends what a factory waits for", func() {
		run := harness.RunScenario(hang, func(lab harness.Lab) harness.Target {
			<-lab.Context().Done()
			return harness.CannotLook{Reason: "it never became ready"}
		}, wall, harness.WithContext(soon()))
		Expect([]any{run.Interrupted, message(run)}).To(Equal([]any{true, "the harness could not look: interrupted"}))
	})

	It("ends a pause and a warm-up", func() {
		s := scenarios.OfFault("later", fault.NoResponse{})
		s.Calls[0].After = time.Hour
		Expect(harness.RunScenario(s, harnesstest.Plain, wall, harness.WithContext(soon())).Interrupted).To(BeTrue())
		hold := primary(func(ctx context.Context, _ harness.Upstream, _ func(harness.Delta)) error {
			<-ctx.Done()
			return ctx.Err()
		})
		run := harness.RunScenario(s, hold, wall, harness.WithContext(soon()),
			harness.WithOutside(harness.Outside{WarmUp: 2}))
		Expect([]any{run.Interrupted, message(run)}).To(Equal([]any{true, "the harness could not look: interrupted"}))
	})

	It("is seen between the calls of a run in virtual time", func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		Expect(harness.RunScenario(hang, harnesstest.Plain, harness.WithContext(ctx)).Interrupted).To(BeTrue())
	})

	It("that does not come changes nothing", func() {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		run := harness.RunScenario(hang, harnesstest.Plain, harness.WithContext(ctx))
		Expect([]any{run.Interrupted, run.Verdict()}).To(Equal([]any{false, assertions.Passed}))
	})
})
