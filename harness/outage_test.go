package harness_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/scenarios"
)

// shared is a chain of two healthy providers that refuse connections together, between two
// instants.
func shared(between fakeprovider.Window, probability float64) scenarios.Scenario {
	s := scenarios.OfFault("shared-outage", fakeprovider.Healthy{Text: "hello from the primary"})
	s.Outages = []scenarios.Outage{{Fault: fault.Refused{}, Between: between, Probability: probability}}
	return s
}

// attempts returns how many requests were refused, and how many were answered.
func attempts(run *harness.Trial) (refused, answered int) {
	for _, a := range run.Timeline.Attempts() {
		if a.Arrived < 0 {
			refused++
		} else {
			answered++
		}
	}
	return refused, answered
}

var _ = Describe("an outage that providers share", func() {
	It("has all of them down at once", func() {
		run := harness.Run(GinkgoT(), shared(fakeprovider.Window{0, time.Minute}, 0), harnesstest.Plain)
		refused, answered := attempts(run)
		Expect(refused).To(BeNumerically(">=", 2), "%s", run.Timeline)
		Expect(answered).To(BeZero(), "%s", run.Timeline)
	})

	It("has none of them down before it begins", func() {
		refused, answered := attempts(harness.Run(GinkgoT(), shared(fakeprovider.Window{time.Minute}, 0),
			harnesstest.Plain))
		Expect([]int{refused, answered}).To(Equal([]int{0, 1}))
	})

	It("with a probability happens to all of them or to none, and in some runs only", func() {
		hit, runs := 0, 60
		for seed := range runs {
			run := harness.Run(GinkgoT(), shared(fakeprovider.Window{0, time.Minute}, 0.5), harnesstest.Plain,
				harness.WithSeed(uint64(seed)))
			refused, answered := attempts(run)
			if refused > 0 {
				hit++
				Expect(refused).To(BeNumerically(">=", 2), "seed %d", seed)
				Expect(answered).To(BeZero(), "seed %d", seed)
			} else {
				Expect(answered).To(Equal(1), "seed %d", seed)
			}
		}
		Expect(hit).To(And(BeNumerically(">=", runs/5), BeNumerically("<=", runs*4/5)), "want about half of %d runs",
			runs)
	})
})
