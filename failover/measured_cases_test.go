package failover_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/failover"
)

// Without a fallback 0.20 is stopped by its circuit breaker (measured: six kills, then a terminal
// error); the fix that landed goes on to the end of its budget.
func TestMeasuredBreaker(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{l020: 6, landedFix: 18} {
		within(t, policy(t, name), []provider{openai("primary", heartbeats)}, func(l *lab) {
			r := l.call(0)
			if !errors.Is(r.err, failover.ErrChainExhausted) || l.count("primary") != want ||
				l.decidedTo(failover.ActionKill) != want {
				t.Errorf("%s: got %d requests and %d kills, error %v", name, l.count("primary"),
					l.decidedTo(failover.ActionKill), r.err)
			}
			broken := strings.Contains(r.err.Error(), "circuit_open")
			if broken != (name == l020) {
				t.Errorf("%s: got error %v", name, r.err)
			}
		})
	}
}

// The report's own quarter of an hour, put together again from its parts: 300 s in a conversation
// above 100,000 tokens, a backoff of [2, 3) s, 300 s, [4, 6) s, 300 s, and then the fallback
// (reported: kills at 300.0, 602.5 and 907.5 s).
func TestTheReportedQuarterOfAnHour(t *testing.T) {
	t.Parallel()
	within(t, policy(t, reported), []provider{
		openai("primary", heartbeats), openai("secondary", answers),
	}, func(l *lab) {
		if r := l.call(110_000); r.err != nil {
			t.Fatal(r.err)
		}
		got := append(l.gone["primary"], l.hits["secondary"]...)
		for i, want := range [][2]float64{{300, 300}, {602, 603}, {906, 909}, {906, 909}} {
			if i >= len(got) || got[i].Seconds() < want[0] || got[i].Seconds() > want[1] {
				t.Fatalf("got kills and fallback at %s, want the one with number %d from %v s to %v s", got, i+1,
					want[0], want[1])
			}
		}
	})
}

// Anthropic's streams can be killed in 0.20, six times as any other, and for Opus the threshold is
// its floor of 240 s: 18 and 24 minutes.
func TestMeasuredFloor(t *testing.T) {
	t.Parallel()
	for model, want := range map[string]float64{"m": 18, "anthropic/claude-opus-4.6": 24} {
		primary := anthropic("primary", heartbeats)
		primary.model = model
		within(t, policy(t, l020), []provider{primary, openai("secondary", answers)}, func(l *lab) {
			r := l.call(0)
			if at := l.first("secondary").Minutes(); r.err != nil || l.count("primary") != 6 || at < want ||
				at > want+0.05 {
				t.Errorf("%s: got %d requests, fallback after %.2f min, error %v", model, l.count("primary"), at, r.err)
			}
		})
	}
}

// What is not streamed has no inner loop and a threshold of its own, whose error leads to no
// recovery of the primary: 300, 450 and 600 s three times in the report's tree, 90, 150 and 240 s
// twice later (https://github.com/NousResearch/hermes-agent/issues/21444).
func TestStaleCallsOfTheReportedEngine(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		attempts int
		stale    [3]float64 // seconds
		backoff  [2]float64
	}{
		reported:  {3, [3]float64{300, 450, 600}, [2]float64{6, 9}},
		b0TLS:     {3, [3]float64{300, 450, 600}, [2]float64{6, 9}},
		landedFix: {2, [3]float64{90, 150, 240}, [2]float64{2, 3}},
		l020:      {2, [3]float64{90, 150, 240}, [2]float64{2, 3}},
	} {
		for i, size := range tokens {
			within(t, policy(t, name), []provider{openai("primary", mute), openai("secondary", answers)}, func(l *lab) {
				r := l.ask(l.t.Context(), failover.Request{
					Prompt: "say hello", ContextTokens: size, ContextWindow: 200_000,
				})
				stale, at := float64(want.attempts)*want.stale[i], l.first("secondary").Seconds()
				if r.err != nil || l.count("primary") != want.attempts || at < stale+want.backoff[0] ||
					at > stale+want.backoff[1] {
					t.Errorf("%s at %d: got %d requests, fallback at %v s, error %v", name, size, l.count("primary"),
						at, r.err)
				}
			})
		}
	}
}

// Before the repair of its kill the reported engine's reader slept until the next byte: at a stale
// threshold of 3 s a provider that sends none was waited for until the read timeout (measured:
// still blocked at 100 s). The policies idealise that away; the knob has it.
func TestMeasuredKillLatency(t *testing.T) {
	t.Parallel()
	p := policy(t, b0TLS)
	p.Watch.Stale, p.Watch.KillLatency = 3*time.Second, failover.KillAtNextByte
	within(t, p, []provider{openai("primary", mute), openai("secondary", answers)}, func(l *lab) {
		l.call(0)
		if got := l.gone["primary"][0]; got != 120*time.Second {
			t.Errorf("the first attempt ended at %s", got)
		}
	})
}

// The work-around and the edge of the fix that landed: without inner retries two kills are left
// (measured: 2), and with a single outer attempt the second is never reached, so that the primary
// is recovered instead (measured: 6).
func TestMeasuredSettings(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		inner, outer, want int
	}{{2, 3, 6}, {0, 3, 2}, {2, 1, 6}, {2, 9, 6}} {
		p := policy(t, landedFix)
		p.Retry.Inner.Retries, p.Retry.Attempts = row.inner, row.outer
		within(t, p, []provider{openai("primary", heartbeats), openai("secondary", answers)}, func(l *lab) {
			if l.call(0); l.count("primary") != row.want {
				t.Errorf("%d inner retries, %d attempts: got %d kills, want %d", row.inner, row.outer,
					l.count("primary"), row.want)
			}
		})
	}
}

// Above 120,000 tokens in a small window three stale kills are taken for a context overflow: the
// conversation is compressed instead of the fallback asked, and the whole budget follows, or in
// 0.20 three more kills and the breaker
// (https://github.com/NousResearch/hermes-agent/issues/16351). `recommended` asks the fallback.
func TestStaleKillTakenForOverflow(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct{ attempts, compressed int }{
		reported: {3, 0}, b0TLS: {3 + 18, 1}, landedFix: {3 + 6, 1}, l020: {3 + 3, 1}, "recommended": {1, 0},
	} {
		within(t, policy(t, name), []provider{
			openai("primary", heartbeats), openai("secondary", answers),
		}, func(l *lab) {
			r := l.call(130_000)
			if r.err != nil || l.count("primary") != want.attempts ||
				l.decidedTo(failover.ActionCompress) != want.compressed {
				t.Errorf("%s: got %d requests, %d times compressed, error %v", name, l.count("primary"),
					l.decidedTo(failover.ActionCompress), r.err)
			}
		})
	}
	within(t, policy(t, landedFix), []provider{openai("primary", cut), openai("secondary", answers)}, func(l *lab) {
		if r := l.call(199_000); r.err != nil || l.decidedTo(failover.ActionCompress) != 1 {
			t.Errorf("a connection that is lost each time: got %d requests, error %v", l.count("primary"), r.err)
		}
	})
	within(t, policy(t, landedFix), []provider{
		openai("primary", fails(413, `{}`)), openai("secondary", answers),
	}, func(l *lab) {
		if r := l.call(199_000); !errors.Is(r.err, failover.ErrRefused) || l.count("primary") != 4 ||
			l.count("secondary") != 0 {
			t.Errorf("three compressions, then the end, with the fallback idle: got %v, error %v", l.hits, r.err)
		}
	})
}

// An answer without content is asked for again without a wait (B0, F1), or after [5, 7.5), [10, 15)
// and [20, 30) s (L; measured: 7.4, 11.9 and 29 s).
func TestMeasuredEmptyAnswers(t *testing.T) {
	t.Parallel()
	for name, took := range map[string][2]time.Duration{
		reported: {0, 0}, landedFix: {0, 0}, l020: {35 * time.Second, 52500 * time.Millisecond},
	} {
		within(t, policy(t, name), []provider{openai("primary", finishes), openai("secondary", answers)}, func(l *lab) {
			r := l.call(0)
			if at := l.first("secondary"); r.err != nil || l.count("primary") != 4 || at < took[0] || at > took[1] {
				t.Errorf("%s: got %d requests, fallback at %s, error %v", name, l.count("primary"), at, r.err)
			}
		})
	}
}

// A bare SDK: what fails before the headers is repeated twice by the SDK itself, what stalls after
// them is waited for without end, and an early end or nothing at all reads as an answer.
func TestSDKDefaults(t *testing.T) {
	t.Parallel()
	hang, quiet := came{1, "hangs", 0, 0}, came{1, `""`, 0, 0}
	for _, row := range []struct {
		fault   string
		primary script
		want    came
	}{
		{"500", fails(500, `{}`), fallsBack(3, 1, 3)}, // twice 0.5 s and 1 s, less up to a quarter
		{"429 + Retry-After", fails(429, `{}`, "Retry-After", "2"), fallsBack(3, 4, 4)},
		{"401", fails(401, `{}`), atOnce},
		{"reset at once", resets, fallsBack(3, 1, 3)},
		{"no response", mute, fallsBack(1, 600, 600)},
		{"silence after the headers", silent, hang},
		{"heartbeats", heartbeats, hang},
		{"nothing", always(""), quiet},
		{"text, then the end", lost["end"], came{1, "part", 0, 0}},
		{"text, then a cut", lost["cut"], idle},
	} {
		for protocol, over := range protocols {
			got := (measuredRow{primary: row.primary, over: over}).play(t, policy(t, "sdk-defaults"))
			if !got.fits(row.want) {
				t.Errorf("%s, %s: got %+v, want %+v", row.fault, protocol, got, row.want)
			}
		}
	}
}
