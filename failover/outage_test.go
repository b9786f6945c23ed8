package failover_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/chaosrun/chaosrun/failover"
)

// rests returns how long a provider was let rest, one entry for each time.
func (l *lab) rests(name string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []string
	for _, d := range l.decisions {
		if d.Action == failover.ActionRest && d.Provider == name {
			all = append(all, strings.TrimPrefix(d.Detail, "for "))
		}
	}
	return all
}

// wave makes calls that begin that long from now, and waits until all are over.
func (l *lab) wave(starts ...time.Duration) {
	var calls sync.WaitGroup
	for _, start := range starts {
		calls.Go(func() {
			time.Sleep(start)
			var text strings.Builder
			req := failover.Request{Stream: true, Restarts: true}
			answer, err := l.engine.Call(l.t.Context(), req, func(d failover.Delta) {
				if d.Kind == failover.DeltaRestart {
					text.Reset()
				}
				text.WriteString(d.Text)
			})
			if err != nil || text.String() != "hello from "+answer.Provider {
				l.t.Errorf("a call that began after %s got %q from %q, error %v", start, text.String(), answer.Provider,
					err)
			}
		})
	}
	calls.Wait()
}

// outage fails until that long after the lab's start, in one of several ways for each request.
func outage(l **lab, lasts time.Duration, ways ...script) script {
	return func(x *exchange) {
		if time.Since((*l).began) < lasts {
			ways[(*l).count(x.provider)%len(ways)](x)
			return
		}
		answers(x)
	}
}

// A blip of two seconds costs the primary one rest, however many calls it hits: a retry that began
// behind the first failure is no second outage. Two calls made it rest for 2m, five for 10m.
func TestOneBlipIsOneRest(t *testing.T) {
	t.Parallel()
	for _, calls := range []int{1, 2, 5, 20} {
		var l *lab
		blip := outage(&l, 2*time.Second, fails(500, `{}`))
		within(t, policy(t, "recommended"), []provider{
			openai("primary", blip), openai("secondary", answers),
		}, func(made *lab) {
			l = made
			l.wave(make([]time.Duration, calls)...)
			asked := l.count("primary")
			for l.count("primary") == asked {
				time.Sleep(time.Second)
				l.wave(0)
			}
			if back, least, most := l.hits["primary"][asked], time.Minute, 62*time.Second; back < least || back > most {
				t.Errorf("%d calls: the primary was asked again after %s, want %s to %s; it rested %v", calls, back,
					least, most, l.rests("primary"))
			}
		})
	}
}

// Whatever calls an outage hits, at once or one after the other, and however each of their requests
// fails, no rest is longer than the first one if the outage is over by its end.
func TestAnOutageOfManyCallsIsOneRest(t *testing.T) {
	t.Parallel()
	ways := []string{"500", "503", "reset", "reset in the answer", "error in the stream", "no response"}
	scripts := map[string]script{
		"500": fails(500, `{}`), "503": fails(503, `{}`), "reset": resets, "reset in the answer": lost["reset"],
		"error in the stream": streamError, "no response": mute,
	}
	rapid.Check(t, func(rt *rapid.T) {
		lasts := time.Duration(rapid.IntRange(1, 10_000).Draw(rt, "outage in ms")) * time.Millisecond
		var starts []time.Duration
		for range rapid.IntRange(1, 20).Draw(rt, "calls") {
			starts = append(starts, time.Duration(rapid.IntRange(0, 10_000).Draw(rt, "start in ms"))*time.Millisecond)
		}
		var fail []script
		for range rapid.IntRange(1, 5).Draw(rt, "ways") {
			fail = append(fail, scripts[rapid.SampledFrom(ways).Draw(rt, "way")])
		}
		seed := rapid.Uint64().Draw(rt, "seed")
		var l *lab
		withSeed(t, seed, policy(t, "recommended"), []provider{
			openai("primary", outage(&l, lasts, fail...)), openai("secondary", answers),
		}, func(made *lab) {
			l = made
			l.wave(starts...)
			if i := slices.IndexFunc(l.rests("primary"), func(d string) bool { return d != "1m0s" }); i >= 0 {
				rt.Errorf("rest %d is too long: %v", i+1, l.rests("primary"))
			}
			time.Sleep(time.Minute)
			asked := l.count("primary")
			l.wave(0)
			if l.count("primary") != asked+1 {
				rt.Errorf("a minute after the last call the primary still rests: %v", l.rests("primary"))
			}
		})
	})
}

// A long outage is as many steps as its rests, of which each doubles: as many for twenty calls at
// the end of each as for one. Calls while it rests add none, and neither do those that have nobody
// else to ask.
func TestTheStepsOfALongOutage(t *testing.T) {
	t.Parallel()
	want := "[1m0s 2m0s 4m0s 8m0s 10m0s 10m0s]"
	for _, calls := range []int{1, 2, 20} {
		for _, probes := range []int{0, 1} {
			p := policy(t, "recommended")
			p.Memory.Cooldown.Probes = probes
			chain := []provider{openai("primary", fails(500, `{}`)), openai("secondary", answers)}
			within(t, p, chain, func(l *lab) {
				for _, pause := range []time.Duration{
					0, 61 * time.Second, 121 * time.Second, 241 * time.Second, 481 * time.Second, 601 * time.Second,
				} {
					time.Sleep(pause)
					l.wave(make([]time.Duration, calls)...)
					l.wave(time.Second)
				}
				if got := fmt.Sprint(l.rests("primary")); got != want {
					t.Errorf("%d calls, probes %d: got rests %s, want %s", calls, probes, got, want)
				}
			})
			alone := []provider{openai("primary", fails(500, `{}`)), openai("secondary", fails(500, `{}`))}
			within(t, p, alone, func(l *lab) {
				for range 10 {
					if r := l.call(tokens[0]); r.err == nil {
						t.Errorf("got %q", r.raw)
					}
				}
				if got := fmt.Sprint(l.rests("primary"), l.rests("secondary")); got != "[1m0s] [1m0s]" {
					t.Errorf("ten calls that nobody answered: got rests %s", got)
				}
			})
		}
	}
}

// Of an outage's calls the one that was told to wait longer counts, too: the rest ends when the
// longest wait does, and is the first one still. It is as long as the provider asked, also where
// that is less than the policy's own.
func TestTheLongestWaitOfAnOutageCounts(t *testing.T) {
	t.Parallel()
	told := func(seconds string, after time.Duration) script {
		return func(x *exchange) {
			time.Sleep(after) // so that all three ask before the first is told, one after the other
			x.w.Header().Set("Retry-After", seconds)
			limited(x)
		}
	}
	chain := []provider{openai("primary", told("20", 10*time.Millisecond), told("100", 20*time.Millisecond),
		told("30", 30*time.Millisecond), answers), openai("secondary", answers)}
	within(t, policy(t, "recommended"), chain, func(l *lab) {
		l.wave(0, 0, 0)
		if got, want := fmt.Sprint(l.rests("primary")), "[20s 1m40s]"; got != want {
			t.Errorf("got rests %s, want %s", got, want)
		}
		time.Sleep(99 * time.Second)
		if l.wave(0); l.count("primary") != 3 {
			t.Error("the primary was asked before the wait was over")
		}
		time.Sleep(time.Second)
		if l.wave(0); l.count("primary") != 4 {
			t.Error("the primary was not asked when the wait was over")
		}
	})
}
