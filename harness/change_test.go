package harness_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/scenarios"
)

// A fault may change while a call is under way. Requests that begin later meet the other one; a
// stream that has begun goes on as its own script says.
var _ = Describe("a fault that changes during a call", func() {
	// alone is a chain of one provider, in an outage for a while.
	alone := func(entry, outage fakeprovider.Fault, between ...time.Duration) scenarios.Scenario {
		s := scenarios.OfFault("change", entry)
		s.Providers = s.Providers[:1]
		s.Outages = []scenarios.Outage{{Fault: outage, Between: between}}
		return s
	}
	patient := harnesstest.NewPlain(harnesstest.Options{Retries: 5, Backoff: 10 * time.Second})

	It("recovers by the clock", func() {
		run := harness.RunScenario(alone(fakeprovider.Healthy{}, fault.ServerError{}, 0, 25*time.Second), patient)
		Expect(run.Verdict()).To(Equal(assertions.Passed), "%s", run.Timeline)
		attempts := run.Timeline.Attempts()
		for _, a := range attempts {
			Expect(a.Answered()).To(Equal(a.Start >= 25*time.Second), "request %d began after %s", a.N, a.Start)
		}
		Expect(len(attempts)).To(BeNumerically(">=", 3))
	})

	It("begins by the clock, and leaves the stream alone that was there before", func() {
		slow := fakeprovider.Script{
			fakeprovider.Text{Value: "one "},
			fakeprovider.Wait{For: 30 * time.Second},
			fakeprovider.Text{Value: "two"},
			fakeprovider.Finish{Reason: "stop"},
		}
		s := alone(slow, fault.ServerError{}, 10*time.Second)
		s.Calls = append(s.Calls, scenarios.Call{Prompt: "again", Stream: true})
		run := harness.RunScenario(s, harnesstest.Plain)
		Expect(eachOutcome(run)).To(Equal([]string{"answered primary", "failed"}), "%s", run.Timeline)
	})

	It("changes in the middle of a stream, as its script says", func() {
		breaks := fakeprovider.Script{
			fakeprovider.Text{Value: "one "},
			fakeprovider.Wait{For: 10 * time.Second},
			fakeprovider.End{How: fakeprovider.Reset},
		}
		s := scenarios.OfFault("change", breaks)
		s.Providers[0].OnRequest = append(s.Providers[0].OnRequest, fakeprovider.Healthy{})
		run := harness.RunScenario(s, harnesstest.Plain)
		Expect(run.Verdict()).To(Equal(assertions.Passed), "%s", run.Timeline)
		first := run.Timeline.Attempts()[0]
		Expect([]any{first.Ending.String(), first.Text}).To(Equal([]any{"connection-reset", "one "}))
		Expect(first.End - first.FirstContent).To(BeNumerically("~", 10*time.Second, time.Second))
	})

	It("changes from request to request", func() {
		s := scenarios.OfFault("change", fault.ServerError{})
		s.Providers = s.Providers[:1]
		s.Providers[0].OnRequest = []fakeprovider.Fault{
			fault.ServerError{}, fault.MidStreamDrop{After: 3}, fakeprovider.Healthy{},
		}
		run := harness.RunScenario(s, patient)
		Expect(run.Timeline.Attempts()).To(HaveLen(2),
			"the plain engine does not ask again after a part of an answer: %s", run.Timeline)
	})
})
