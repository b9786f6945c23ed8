package harness_test

import (
	"context"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/chaosrun/chaosrun/assertions"
	. "github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

var _ = Describe("Run", func() {
	It("takes the name of a catalogue scenario", func() {
		run := harness.Run(GinkgoT(), "heartbeat-only", harnesstest.Plain)
		run.Check(GinkgoT())
		Expect(run).To(HaveFallenBackWithin(43 * time.Second))
		Expect(run).To(HaveAttempted("primary", 1, 1))
		Expect(run).To(HaveAnsweredFrom("secondary"))
		Expect(run).To(HaveClosedConnections("primary", time.Second))
		Expect(run).To(HaveLeakedNothing())
	})

	It("takes a scenario", func() {
		s := find("mid-stream-drop")
		run := harness.Run(GinkgoT(), s, harnesstest.Plain)
		run.Check(GinkgoT())
		Expect(run.Scenario.Name).To(Equal(s.Name))
	})

	It("takes a single fault, and lays it on a primary with a healthy fallback", func() {
		run := harness.Run(GinkgoT(), fault.RateLimited{RetryAfter: "86400"}, harnesstest.Plain)
		run.Check(GinkgoT())
		Expect(run.Timeline.Measures(1).Attempts).To(HaveKeyWithValue("secondary", 1))
	})

	DescribeTable("refuses what is no scenario, before anything is run",
		func(what any, says string) {
			var tb watched
			Expect(harness.Run(&tb, what, harnesstest.Plain)).To(BeNil())
			Expect(tb.failed).To(BeTrue())
			Expect(tb.errors).To(ConsistOf(ContainSubstring(says)))
		},
		Entry("a name that the catalogue does not have", "heartbeat-onlx", `did you mean "heartbeat-only"?`),
		Entry("a number", 42, "got int"),
		Entry("a scenario without providers", scenarios.Scenario{Name: "empty"}, "provider"),
	)

	It("is unknown where the factory returns no target", func() {
		run := harness.RunScenario(find("healthy"), func(harness.Lab) harness.Target { return nil })
		Expect(run.Verdict()).To(Equal(assertions.Unknown))
		Expect(run.Judgement.Results[0].Message).To(ContainSubstring("the factory returned no target"))
	})

	It("tells in a failure what happened", func() {
		var tb watched
		late := harnesstest.NewPlain(harnesstest.Options{FirstContent: 6 * time.Minute})
		harness.Run(&tb, "heartbeat-only", late, harness.WithSeed(7)).Check(&tb)
		Expect(tb.failed).To(BeFalse())
		Expect(tb.errors).To(HaveLen(1))
		for _, what := range []string{
			"heartbeat-only", "seed 7", "time_to_fallback", "limit 5m1s", "heartbeat-sent", "client-disconnected",
		} {
			Expect(tb.errors[0]).To(ContainSubstring(what))
		}
	})

	It("holds an engine against other limits", func() {
		run := harness.RunScenario(find("heartbeat-only"), harnesstest.Plain,
			harness.WithLimits(assertions.Limits{"time_to_fallback": 30 * time.Second}))
		Expect(run.Verdict()).To(Equal(assertions.Failed))
		Expect(run.Judgement.Results[0].Message).To(ContainSubstring("limit 30s"))
	})
})

var _ = Describe("a call", func() {
	It("that returns after its deadline has no answer", func() {
		s := scenarios.OfFault("cut", fault.HeartbeatOnly{})
		s.Deadline = time.Minute
		run := harness.RunScenario(s, credulous())
		outcome, _ := run.Timeline.Outcome(1)
		Expect(outcome).To(Equal(timeline.Hung), "%s", run.Timeline)
	})

	It("that never comes back does not take the process with it", func() {
		stuck := primary(func(context.Context, harness.Upstream, func(harness.Delta)) error {
			var mu sync.Mutex
			mu.Lock()
			mu.Lock()
			return nil
		})
		run := harness.RunScenario(scenarios.OfFault("stuck", fakeprovider.Healthy{}), stuck,
			harness.WithPatience(200*time.Millisecond))
		Expect(run.Verdict()).To(Equal(assertions.Failed))
		harness.Run(GinkgoT(), "heartbeat-only", harnesstest.Plain).Check(GinkgoT())
	})
})
