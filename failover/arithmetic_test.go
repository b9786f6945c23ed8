package failover_test

import (
	"net/http"
	"testing"
	"time"
)

// tokens are conversations below 50,000, above it, and above 100,000, in a window of 200,000.
var tokens = [3]int{20_000, 80_000, 110_000}

// The table of the policies that ship: requests to a primary that sends heartbeats only, and
// minutes until the fallback is asked. It follows from the knobs; the table is the reported
// engine's (https://github.com/NousResearch/hermes-agent/issues/22277).
func TestHeartbeatOnly(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		policy   string
		attempts int
		minutes  [3]float64
	}{
		{"hermes-0.13", 3, [3]float64{9.1, 12.1, 15.1}},
		{"hermes-0.13-tls", 18, [3]float64{54.4, 72.4, 90.4}},
		{"hermes-landed-fix", 6, [3]float64{18, 24, 30}},
		{"hermes-proposed-fix", 1, [3]float64{3, 4, 5}},
		{"hermes-proposed-fix-tls", 3, [3]float64{9, 12, 15}},
		{"recommended", 1, [3]float64{0.7, 0.7, 0.7}},
	} {
		for i, size := range tokens {
			within(t, policy(t, row.policy), []provider{
				openai("primary", heartbeats), anthropic("secondary", answers),
			}, func(l *lab) {
				r := l.call(size)
				if r.err != nil || r.raw != "hello from secondary" || r.answer.Provider != "secondary" {
					t.Errorf("%s at %d: got %q from %q, error %v", row.policy, size, r.raw, r.answer.Provider, r.err)
				}
				if got := l.count("primary"); got != row.attempts {
					t.Errorf("%s at %d: got %d requests, want %d", row.policy, size, got, row.attempts)
				}
				if got := l.first("secondary").Minutes(); got < row.minutes[i]-0.1 || got > row.minutes[i]+0.1 {
					t.Errorf("%s at %d: fell back after %.2f min, want %.1f", row.policy, size, got, row.minutes[i])
				}
			})
		}
	}
}

// Measured rows of the reported engine for other faults
// (https://github.com/NousResearch/hermes-agent/tree/a7e7921dbc0a593027f40b571861f50a71221aec and
// c946e6709fa6).
func TestFaultSweep(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, policy string
		fault        script
		attempts     int
		from, to     time.Duration
	}{
		{"headers, then silence", "hermes-0.13", silent, 18, 2178 * time.Second, 2184 * time.Second},
		{"headers, then silence", "hermes-landed-fix", silent, 6, 1082 * time.Second, 1083 * time.Second},
		{"no response", "hermes-0.13", mute, 6, 738 * time.Second, 744 * time.Second},
		{"no response", "hermes-landed-fix", mute, 2, 362 * time.Second, 363 * time.Second},
		// the read timeout comes first
		{"no response", "hermes-proposed-fix", mute, 1, 120 * time.Second, 120 * time.Second},
		{"reset at once", "hermes-0.13", resets, 6, 18 * time.Second, 24 * time.Second},
		{"reset at once", "hermes-landed-fix", resets, 2, 2 * time.Second, 3 * time.Second},
		{"429", "hermes-0.13", fails(429, `{"error":{"message":"slow down"}}`), 1, 0, 0},
		{"429", "hermes-landed-fix", fails(429, `{"error":{"message":"slow down"}}`, "Retry-After", "7"), 1, 0, 0},
		{"402", "hermes-0.13", fails(402, `{}`), 1, 0, 0},
		{"401", "hermes-0.13", fails(401, `{"error":{"code":"invalid_api_key"}}`), 1, 0, 0},
		{"404 model", "hermes-landed-fix", fails(404, `{"error":{"message":"The model does not exist"}}`), 1, 0, 0},
		{"404", "hermes-0.13", fails(404, `no such page`), 3, 6 * time.Second, 9 * time.Second},
		{"500", "hermes-0.13", fails(500, `{}`), 3, 6 * time.Second, 9 * time.Second},
		{"502", "hermes-landed-fix", fails(502, `<html>`), 3, 6 * time.Second, 9 * time.Second},
		{"503", "hermes-0.13", fails(503, `{}`, "Retry-After", "7"), 3, 6 * time.Second, 9 * time.Second},
		{"529", "hermes-landed-fix", fails(529, `{}`), 2, 2 * time.Second, 3 * time.Second},
		{"stream error", "hermes-0.13", streamError, 3, 6 * time.Second, 9 * time.Second},
		{"stream error", "hermes-landed-fix", streamError, 2, 2 * time.Second, 3 * time.Second},
		{"malformed event", "hermes-0.13", malformed, 3, 6 * time.Second, 9 * time.Second},
		{"headers, then reset", "hermes-0.13", headersThenReset, 3, 6 * time.Second, 9 * time.Second},
		{"headers, then reset", "hermes-landed-fix", headersThenReset, 2, 2 * time.Second, 3 * time.Second},
		{"headers, then cut", "hermes-0.13", cut, 18, 18 * time.Second, 24 * time.Second},
		{"headers, then cut", "hermes-landed-fix", cut, 6, 2 * time.Second, 3 * time.Second},
		{"500", "recommended", fails(500, `{}`), 2, 500 * time.Millisecond, 750 * time.Millisecond},
		{"529", "recommended", fails(529, `{}`), 1, 0, 0},
		{"reset at once", "recommended", resets, 2, 200 * time.Millisecond, 200 * time.Millisecond},
		{"headers, then cut", "recommended", cut, 1, 0, 0},
		{"no response", "recommended", mute, 1, 42 * time.Second, 42 * time.Second},
		{"headers, then silence", "recommended", silent, 1, 42 * time.Second, 42 * time.Second},
	} {
		within(t, policy(t, row.policy), []provider{
			openai("primary", row.fault), openai("secondary", answers),
		}, func(l *lab) {
			r := l.call(tokens[0])
			if r.err != nil || r.raw != "hello from secondary" {
				t.Errorf("%s, %s: got %q, error %v", row.policy, row.name, r.raw, r.err)
			}
			if got := l.count("primary"); got != row.attempts {
				t.Errorf("%s, %s: got %d requests, want %d", row.policy, row.name, got, row.attempts)
			}
			if got := l.first("secondary"); got < row.from || got > row.to {
				t.Errorf("%s, %s: fell back after %s, want %s to %s", row.policy, row.name, got, row.from, row.to)
			}
		})
	}
}

func streamError(x *exchange) {
	x.send(`data: {"error":{"message":"Overloaded","type":"overloaded_error"}}` + "\n\n")
}

func malformed(x *exchange) { x.send("data: {\n\n") }

// A reset throws away what has not been read, so the headers get a moment.
func headersThenReset(x *exchange) {
	x.send("")
	x.wait(time.Millisecond)
	resets(x)
}

func cut(x *exchange) {
	x.send("")
	panic(http.ErrAbortHandler)
}
