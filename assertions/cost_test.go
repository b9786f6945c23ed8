package assertions_test

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// manyCalls is a run of n calls, a second apart: the primary stalls, and the secondary answers.
func manyCalls(n int) timeline.Timeline {
	one := fellBack(0.5)
	many := timeline.Timeline{Run: one.Run}
	many.Run.Calls = make([]timeline.Call, n)
	for call := 1; call <= n; call++ {
		begins := time.Duration(call-1) * time.Second
		lanes := map[string]string{
			client: timeline.ClientLane(call),
			first:  timeline.ProviderLane("primary", call, call),
			second: timeline.ProviderLane("secondary", call, call),
		}
		for _, e := range one.Events {
			e.At, e.Until, e.Lane = begins+e.At, begins+e.Until, lanes[e.Lane]
			many.Events = append(many.Events, e)
		}
	}
	timeline.Sort(many.Events)
	return many
}

// expectsAll holds every expectation that ships, none of which is over at the first call.
func expectsAll(n int) []assertions.Expected {
	return assertions.Must(
		assertions.Answer{From: "secondary"},
		assertions.Attempts{"primary": {Max: &n}, "secondary": {Max: &n}},
		assertions.ConnectionClosed{Provider: "primary", Within: time.Second},
		assertions.HangUp{Within: time.Second},
		assertions.NoLeaks{},
		assertions.TimeToAnswer{Max: time.Minute},
		assertions.TimeToFallback{Max: time.Minute},
		assertions.TimeToFirstContent{Max: time.Minute},
	)
}

// slope is the power of the number of calls with which a cost grows: 1 is linear, 2 a square.
func slope(from, to int, cheap, dear float64) float64 {
	return math.Log(dear/cheap) / math.Log(float64(to)/float64(from))
}

// allocated is how many bytes f allocates, which is the same each time and counts the requests that
// are gone through; the least of three, as other tests run beside it.
func allocated(f func()) float64 {
	least := math.Inf(1)
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		least = min(least, float64(after.TotalAlloc-before.TotalAlloc))
	}
	return least
}

// took is how long f takes, the least of five.
func took(f func()) float64 {
	least := math.Inf(1)
	for range 5 {
		began := time.Now()
		f()
		least = min(least, time.Since(began).Seconds())
	}
	return least
}

// Judging is linear in the number of calls: a scenario of 2,000 took 38 s. What goes through all
// events for each call is the square of them, and is seen to be.
func TestJudgingIsLinear(t *testing.T) { //nolint:paralleltest // it measures
	const few, many = 250, 2000
	small, large := manyCalls(few), manyCalls(many)
	for _, n := range []int{few, many} {
		j := assertions.Judge(manyCalls(n), expectsAll(n))
		if got := len(j.Words); got != n ||
			slices.ContainsFunc(j.Words, func(w string) bool { return w != "answered" }) {
			t.Fatalf("got %d calls, want %d that were answered: %v", got, n, j.Results[0])
		}
		for _, r := range j.Results {
			want := map[bool]assertions.Verdict{true: assertions.Passed, false: assertions.Unknown}[r.Name != "hang_up"]
			if r.Verdict != want {
				t.Errorf("%d calls, %s: got %s, want %s: %s", n, r.Name, r.Verdict, want, r.Message)
			}
		}
	}
	judge := func(of timeline.Timeline, n int) func() {
		return func() { assertions.Judge(of, expectsAll(n)) }
	}
	bytes := slope(few, many, allocated(judge(small, few)), allocated(judge(large, many)))
	if t.Logf("memory grows with calls^%.2f", bytes); bytes > 1.2 {
		t.Errorf("the memory of judging grows with calls^%.2f, limit 1.2", bytes)
	}
	// The machine may be busy with one of the two.
	if s := slope(few, many, took(judge(small, few)), took(judge(large, many))); s > 1.5 {
		t.Errorf("the time of judging grows with calls^%.2f, limit 1.5", s)
	}
	answer := assertions.Answer{From: "secondary"}
	ten, hundred := manyCalls(10), manyCalls(100)
	square := slope(10, 100, allocated(func() { answer.Judge(ten) }), allocated(func() { answer.Judge(hundred) }))
	if square < 1.5 {
		t.Errorf("without an index the memory grows with calls^%.2f: the square is not seen", square)
	}
}

// BenchmarkJudge judges runs of 250 to 4,000 calls, and ends with the slope from the first to the
// last.
func BenchmarkJudge(b *testing.B) {
	sizes := []int{250, 500, 1000, 2000, 4000}
	cost := map[int]float64{}
	for _, n := range sizes {
		b.Run(fmt.Sprintf("calls=%d", n), func(b *testing.B) {
			of, expected := manyCalls(n), expectsAll(n)
			least := math.Inf(1) // the machine may be busy with others
			for b.Loop() {
				began := time.Now()
				assertions.Judge(of, expected)
				least = min(least, time.Since(began).Seconds())
			}
			cost[n] = least
			b.ReportMetric(least*1e6/float64(n), "least-µs/call")
		})
	}
	from, to := sizes[0], sizes[len(sizes)-1]
	if cost[from] == 0 || cost[to] == 0 {
		return // not both were asked for
	}
	b.Run("slope", func(b *testing.B) {
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(slope(from, to, cost[from], cost[to]), "slope")
	})
}
