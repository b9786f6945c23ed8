package harness_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// rough is a scenario with everything that is drawn: an engine that waits at random, and retries.
const rough = "server-error"

// lanes runs a seed, and returns the events of each lane.
func lanes(seed uint64) map[string][]timeline.Event {
	return harness.RunScenario(find(rough), harnesstest.Plain, harness.WithSeed(seed)).Timeline.Lanes()
}

var _ = Describe("a seed", func() {
	It("makes the same timeline a thousand times, lane by lane and to the byte", func() {
		told := func() map[string]string {
			all := map[string]string{}
			for name, events := range lanes(1) {
				all[name] = timeline.Timeline{Events: events}.String()
			}
			return all
		}
		want := told()
		Expect(want).To(HaveKey(timeline.EngineLane))
		for range 1000 {
			Expect(told()).To(Equal(want))
		}
	})

	It("differs from another one in chance only", func() {
		one, two := lanes(1), lanes(2)
		// A backoff of up to a quarter of a second more, and up to 9 ms of phase for each of the
		// three requests.
		const most = 250*time.Millisecond + 3*9*time.Millisecond
		moved := false
		for lane, events := range one {
			if lane == timeline.EngineLane {
				continue // its texts show the waits that were drawn
			}
			Expect(two[lane]).To(HaveLen(len(events)), lane)
			for i, e := range events {
				other := two[lane][i]
				Expect([]any{other.Kind, other.Text, other.Count}).To(Equal([]any{e.Kind, e.Text, e.Count}),
					"%s, event %d", lane, i)
				Expect((e.At - other.At).Abs()).To(BeNumerically("<=", most), "%s, event %d", lane, i)
				moved = moved || e.At != other.At
			}
		}
		Expect(moved).To(BeTrue(), "two seeds drew the same jitter")
	})
})

// These take some real seconds, because real time is what they compare.
var _ = Describe("the wall's clock, sixty times as fast", func() {
	x60 := harness.WithClock(harness.Accelerated(60))

	for _, name := range []string{"healthy", "mid-stream-drop", "heartbeat-only-tight"} {
		It("sees in "+name+" what virtual time sees", func() {
			virtual := harness.Run(GinkgoT(), name, harnesstest.Plain)
			virtual.Check(GinkgoT())
			// The wall's own delays are magnified sixty times, so only the virtual run is held
			// against the times.
			fast := harness.Run(GinkgoT(), name, harnesstest.Plain, x60, harness.WithLimits(assertions.Limits{
				"time_to_fallback": 5 * time.Minute, "time_to_first_content": 5 * time.Minute,
				"time_to_answer": 5 * time.Minute,
			}))
			Expect(fast.Timeline.Measures(1).Attempts).To(Equal(virtual.Timeline.Measures(1).Attempts))
			got, from := fast.Timeline.Outcome(1)
			want, wantFrom := virtual.Timeline.Outcome(1)
			Expect([]any{got, from}).To(Equal([]any{want, wantFrom}), "%s", fast.Timeline)
		})
	}

	It("tells its own error beside the measures, and virtual time has none", func() {
		s := scenarios.OfFault("slow", fakeprovider.Healthy{Text: "hello", TTFT: 10 * time.Second})
		s.Limits = assertions.Limits{"time_to_answer": time.Minute}
		s.Expect = scenarios.Expecting(assertions.TimeToAnswer{}.WithLimit(time.Minute))
		Expect(harness.Run(GinkgoT(), s, harnesstest.Plain).Timeline.Run.SchedulingError).To(BeZero())
		wall := harness.Run(GinkgoT(), s, harnesstest.Plain, x60)
		Expect(wall.Timeline.Run.SchedulingError).To(BeNumerically(">", 0), "nothing was measured")
		Expect(wall.Judgement.Results[0].Message).To(ContainSubstring("±"))
	})
})
