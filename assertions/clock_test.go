package assertions_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// clocked returns the timeline on a clock. cpu is the processor time of its call.
func clocked(t timeline.Timeline, clock string, cpu time.Duration) timeline.Timeline {
	t.Run.Clock = clock
	t.Run.Evidence = &timeline.ClockEvidence{
		CPU: timeline.Seconds(time.Hour), CallsCPU: []timeline.Seconds{timeline.Seconds(cpu)},
	}
	return t
}

// distorted returns the timeline at x20 with a distortion and an error of the harness.
func distorted(t timeline.Timeline, by, late time.Duration) timeline.Timeline {
	t.Run.Clock, t.Run.Distortion, t.Run.SchedulingError = "x20", timeline.Seconds(by), timeline.Seconds(late)
	return t
}

// late returns the timeline in real time, with an error of the harness.
func late(t timeline.Timeline, by time.Duration) timeline.Timeline {
	t.Run.Clock, t.Run.SchedulingError = "wall", timeline.Seconds(by)
	return t
}

// TestNearerThanTheClockIsTrue judges a fallback after 10 s against limits on both sides of it,
// near and far, on clocks that are off by 2 s.
func TestNearerThanTheClockIsTrue(t *testing.T) {
	processor := "up to 2s of the time is that of the processor"
	for _, tt := range []struct {
		name string
		seen timeline.Timeline
		says string
	}{
		{"processor time", clocked(fellBack(10), "virtual", 2*time.Second), processor},
		{
			"distortion", distorted(fellBack(10), 2*time.Second, time.Second),
			"at x20 a healthy call took 2s longer than its script",
		},
		{
			"a late harness", distorted(fellBack(10), time.Second, 2*time.Second),
			"on the clock x20 the harness was late by up to 2s",
		},
	} {
		for limit, want := range map[time.Duration]assertions.Verdict{
			7 * time.Second: assertions.Failed, 8 * time.Second: assertions.Unknown,
			9999 * time.Millisecond: assertions.Unknown,
			10 * time.Second:        assertions.Unknown, 12 * time.Second: assertions.Unknown,
			13 * time.Second: assertions.Passed,
		} {
			f := assertions.TimeToFallback{Max: limit}.Judge(tt.seen)
			if f.Verdict != want || f.Clock != (want == assertions.Unknown) ||
				f.Clock != strings.Contains(f.Message, tt.says) {
				t.Errorf("%s, limit %s: got %s, clock %t: %s; want %s", tt.name, limit, f.Verdict, f.Clock, f.Message,
					want)
			}
		}
	}
}

// TestALateHarnessInRealTime judges a fallback after 10 s in a run in which the harness was late by
// up to 2 s. The wall clock has no other clock to be held against.
func TestALateHarnessInRealTime(t *testing.T) {
	for limit, want := range map[time.Duration]assertions.Verdict{
		7 * time.Second: assertions.Failed, 9 * time.Second: assertions.Unknown, 11 * time.Second: assertions.Unknown,
		13 * time.Second: assertions.Passed,
	} {
		f := assertions.TimeToFallback{Max: limit}.Judge(late(fellBack(10), 2*time.Second))
		says := strings.Contains(f.Message, "this decides nothing: on the clock wall the harness was late by up to 2s")
		if f.Verdict != want || f.Clock || says != (want == assertions.Unknown) {
			t.Errorf("limit %s: got %s, clock %t: %s; want %s", limit, f.Verdict, f.Clock, f.Message, want)
		}
	}
}

// TestNoDoubt judges what no clock makes doubtful.
func TestNoDoubt(t *testing.T) {
	wall := fellBack(10)
	wall.Run.Clock, wall.Run.Distortion = "wall", timeline.Seconds(2*time.Second)
	soon := assertions.ConnectionClosed{Provider: "primary", Within: time.Second}
	for _, tt := range []struct {
		name   string
		seen   timeline.Timeline
		expect assertions.Expectation
		want   assertions.Verdict
	}{
		{"an exact clock", fellBack(10), assertions.TimeToFallback{Max: 10 * time.Second}, assertions.Passed},
		{
			"no processor time", clocked(fellBack(10), "virtual", 0),
			assertions.TimeToFallback{Max: 10 * time.Second},
			assertions.Passed,
		},
		{
			"real time that was late by less", late(fellBack(10), 900*time.Millisecond),
			assertions.TimeToFallback{Max: 9 * time.Second},
			assertions.Failed,
		},
		{"real time", wall, assertions.TimeToFallback{Max: 9 * time.Second}, assertions.Failed},
		{
			"the processor time of a moment is a moment", clocked(fellBack(10), "virtual", 5*time.Second), soon,
			assertions.Passed,
		},
		{
			"an answer is no time", clocked(fellBack(10), "virtual", time.Hour),
			assertions.Attempts{"primary": {Max: new(int)}},
			assertions.Failed,
		},
	} {
		if f := tt.expect.Judge(tt.seen); f.Verdict != tt.want || f.Clock {
			t.Errorf("%s: got %s, clock %t: %s; want %s", tt.name, f.Verdict, f.Clock, f.Message, tt.want)
		}
	}
}

// TestABrokenClockIsNoVerdict has a clock that failed, under an engine that did everything right.
func TestABrokenClockIsNoVerdict(t *testing.T) {
	seen := with(fellBack(10), at(3, timeline.WorldLane, timeline.ClockFailed, "chaosrun uses a timerfd"))
	j := assertions.Judge(seen, assertions.Must(assertions.TimeToFallback{Max: time.Minute}))
	if len(j.Results) != 1 || j.Verdict != assertions.Unknown || !j.Results[0].Clock ||
		j.Results[0].Message != "the clock did not hold: chaosrun uses a timerfd" {
		t.Errorf("got %s: %+v", j.Verdict, j.Results)
	}
}
