package harness_test

import (
	"context"
	"flag"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

var overlaid = flag.Bool("overlaid", false, "the tests were built with the overlay that `chaosrun dev overlay` writes")

// holdsAMutex returns an engine that holds a mutex as long as it reads a stream, while another
// goroutine of it wants to know how far it is. Nothing is wrong with it.
func holdsAMutex(lab harness.Lab) harness.Target {
	plain := harnesstest.Plain(lab)
	return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
		var mu sync.Mutex
		pieces := 0
		done := make(chan struct{})
		var watch sync.WaitGroup
		watch.Go(func() {
			for {
				select {
				case <-done:
					return
				case <-time.After(time.Millisecond):
				}
				mu.Lock() // it waits for the end of the stream
				if pieces == 0 {
					mu.Unlock()
					continue
				}
				mu.Unlock()
			}
		})
		mu.Lock()
		err := plain.Call(ctx, req, func(d harness.Delta) { pieces++; emit(d) })
		mu.Unlock()
		close(done)
		watch.Wait()
		return err
	})
}

// crosses returns an engine of two goroutines that lock two mutexes in opposite orders: a true
// deadlock, while a third one waits for both.
func crosses(harness.Lab) harness.Target {
	return harness.TargetFunc(func(context.Context, harness.Request, func(harness.Delta)) error {
		var a, b sync.Mutex
		var both, reached sync.WaitGroup
		reached.Add(2)
		cross := func(first, second *sync.Mutex) {
			first.Lock()
			defer first.Unlock()
			reached.Done()
			reached.Wait()
			second.Lock()
			defer second.Unlock()
		}
		both.Go(func() { cross(&a, &b) })
		both.Go(func() { cross(&b, &a) })
		both.Wait()
		return nil
	})
}

// locksTwice returns an engine that waits for itself.
func locksTwice(harness.Lab) harness.Target {
	return harness.TargetFunc(func(context.Context, harness.Request, func(harness.Delta)) error {
		var mu sync.Mutex
		mu.Lock()
		mu.Lock()
		return nil
	})
}

// TestMutexes: an engine that holds a mutex across a wait is never called hung. Whether it waits
// for ever is known with the overlay, and without it if the engine has no other goroutine.
func TestMutexes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		factory       harness.Factory
		with, without assertions.Verdict
		says          []string
	}{
		"held across a stream": {
			holdsAMutex, assertions.Passed, assertions.Unknown,
			[]string{"holdsAMutex", "stuck_test.go:", "may hold it", "chaosrun dev overlay", "--clock x60"},
		},
		"crossed": {crosses, assertions.Failed, assertions.Unknown, []string{"crosses", "stuck_test.go:"}},
		"locked twice": {
			locksTwice, assertions.Failed, assertions.Failed,
			[]string{"locksTwice", "stuck_test.go:", "the call never returned"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if !*overlaid { // with it the bubbles of others count, see package overlay
				t.Parallel()
			}
			s, err := scenarios.Find("healthy")
			if err != nil {
				t.Fatal(err)
			}
			run := harness.RunScenario(s, test.factory, harness.WithPatience(500*time.Millisecond))
			want := test.without
			if *overlaid {
				want = test.with
			}
			if run.Verdict() != want {
				t.Fatalf("verdict is %s, want %s\n%+v", run.Verdict(), want, run.Judgement)
			}
			if want == assertions.Passed {
				return
			}
			message := run.Judgement.Results[0].Message
			for _, what := range test.says {
				if !strings.Contains(message, what) {
					t.Errorf("it does not say %q: %s", what, message)
				}
			}
		})
	}
}

// TestFallbackClock: a run that a mutex stopped is made again in real time, and says so. With the
// overlay there is no need. A true deadlock without another goroutine is found in virtual time.
func TestFallbackClock(t *testing.T) {
	fallback := harness.WithFallbackClock(harness.Accelerated(60))
	answered := harness.WithExpect(assertions.Answer{Outcome: assertions.Outcomes{"answered"}})
	patience := harness.WithPatience(500 * time.Millisecond)
	tests := map[string]struct {
		engine harness.Factory
		want   assertions.Verdict
		clock  string
	}{
		"held across a stream": {holdsAMutex, assertions.Passed, "x60"},
		"locked twice":         {locksTwice, assertions.Failed, "virtual"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			run := harness.RunScenario(shipped("healthy"), test.engine, fallback, answered, patience)
			clock := test.clock
			if *overlaid {
				clock = "virtual"
			}
			blames(t, run, test.want)
			if run.Timeline.Run.Clock != clock {
				t.Errorf("the clock is %s, want %s", run.Timeline.Run.Clock, clock)
			}
			why := run.Timeline.Find(timeline.EngineLane, timeline.Decided)
			said := why >= 0 && strings.Contains(run.Timeline.Events[why].Text,
				"made again at x60, because virtual time stood still: blocked outside virtual time (mutex)")
			if said != (clock == "x60") {
				t.Errorf("it says why: %v\n%v", said, run.Timeline.Events)
			}
		})
	}
}
