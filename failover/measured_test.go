package failover_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/failover"
)

// The measured rows of the engine behind the reports. What was measured is the real engine against a fault server, at a stale threshold of
// 3 s instead of 180 s; here the thresholds are the real ones, so that only attempts, outcomes and the waits between attempts compare.
// Sources: https://github.com/NousResearch/hermes-agent at a7e7921dbc0a (B0, the report's tree), c946e6709fa6 (F1, the
// fix that landed) and 3c27eb6234bf (L, 0.20).

// came is what a row came to: requests to the primary, how it ended, and for `fallback` the seconds until it was asked.
type came struct {
	attempts int
	how      string
	from, to float64
}

func fallsBack(attempts int, from, to float64) came { return came{attempts, "fallback", from, to} }

var (
	atOnce  = fallsBack(1, 0, 0)
	allWait = fallsBack(3, 6, 9) // two backoffs, [2, 3) and [4, 6)
	second  = fallsBack(2, 2, 3) // the first of them
	idle    = came{attempts: 1, how: "fails"}
	hangs   = came{attempts: 1, how: "hangs"}
	healthy = came{attempts: 1, how: "primary"}
)

// b0, f1 and l are the policies of the three columns. Where a row was measured over TLS, B0 is the policy whose kills are protocol errors.
const (
	b0    = "hermes-0.13"
	b0TLS = "hermes-0.13-tls"
	f1    = "hermes-landed-fix"
	l020  = "hermes-0.20"
)

type measuredRow struct {
	row     string // as the measurement calls it
	primary script
	over    func(string, ...script) provider // openai by default
	b0      string                           // the first column's policy
	want    [3]came                          // B0, F1, L
	// differs says why what was measured is not met; then want is what the policy does instead.
	differs string
}

// The fault sweep: the fallback is healthy.
var sweep = []measuredRow{
	{row: "429", primary: fails(429, `{}`), want: [3]came{atOnce, atOnce, atOnce}},
	{row: "429 + Retry-After", primary: fails(429, `{}`, "Retry-After", "7"), want: [3]came{atOnce, atOnce, atOnce}},
	{row: "402", primary: fails(402, `{}`), want: [3]came{atOnce, atOnce, atOnce}},
	{row: "401", primary: fails(401, `{}`), want: [3]came{atOnce, atOnce, atOnce}},
	{row: "403", primary: fails(403, `{}`), want: [3]came{atOnce, atOnce, atOnce}},
	{row: "404 model", primary: fails(404, `{"error":{"message":"model not found"}}`), want: [3]came{atOnce, atOnce, atOnce}},
	{row: "500", primary: fails(500, `{}`), want: [3]came{allWait, allWait, allWait}},
	{row: "502", primary: fails(502, `{}`), want: [3]came{allWait, allWait, allWait}},
	{row: "504", primary: fails(504, `{}`), want: [3]came{allWait, allWait, allWait}},
	{row: "524", primary: fails(524, `{}`), want: [3]came{allWait, allWait, allWait}},
	{row: "generic 404", primary: fails(404, `no such page`), want: [3]came{allWait, allWait, allWait}},
	{row: "503 (Retry-After ignored)", primary: fails(503, `{}`, "Retry-After", "7"), want: [3]came{allWait, second, second}},
	{row: "529 (Retry-After ignored)", primary: fails(529, `{}`, "Retry-After", "7"), want: [3]came{allWait, second, second}},
	{row: "413", primary: fails(413, `{}`), want: [3]came{idle, idle, idle}},
	{row: "RST at once", primary: resets, want: [3]came{fallsBack(6, 18, 24), second, second}},
	{row: "headers + RST (ReadError)", primary: headersThenReset, want: [3]came{allWait, second, second}},
	{row: "headers + FIN mid-chunk (RemoteProtocolError)", primary: cut, want: [3]came{fallsBack(18, 18, 24), fallsBack(6, 2, 3), fallsBack(6, 2, 3)}},
	{row: "200, only [DONE]", primary: always("data: [DONE]\n\n"), want: [3]came{fallsBack(4, 0, 0), allWait, fallsBack(9, 6, 9)}},
	{row: "200, empty body", primary: always(""), want: [3]came{fallsBack(4, 0, 0), allWait, fallsBack(9, 6, 9)}},
	{row: "200, HTML page", primary: htmlPage, want: [3]came{fallsBack(4, 0, 0), allWait, fallsBack(9, 6, 9)}},
	{row: "malformed JSON event", primary: malformed, want: [3]came{allWait, allWait, allWait}},
	{row: `SSE error "Overloaded"`, primary: streamError, want: [3]came{allWait, second, second}},
	{
		row: "text, then RST", primary: lost["reset"], want: [3]came{{1, "part", 0, 0}, {3, "fails", 0, 0}, {4, "fails", 0, 0}},
		differs: "B0: 4 requests and the fallback, measured without a user interface, where the part counts as empty; the policy has one, as the report does: the part is the answer",
	},
	{
		row: "text, then heartbeat stall", primary: lost["stall"], b0: b0TLS, want: [3]came{{1, "part", 0, 0}, {3, "fails", 0, 0}, {4, "fails", 0, 0}},
		differs: "B0: as above",
	},
	{row: "slow first token, below the threshold", primary: firstTokenAfter(2 * time.Minute), want: [3]came{healthy, healthy, healthy}},
}

// What counts as activity: one frame every 10 s, for ever; a threshold of 180 s.
var activity = []measuredRow{
	{row: ": ping comment", b0: b0TLS, primary: frames(": ping\n\n"), want: killed},
	{row: "blank lines", b0: b0TLS, primary: frames("\n\n"), want: killed},
	{row: "the same, killed as ReadError", primary: frames(": ping\n\n"), want: [3]came{fallsBack(3, 546, 549), killed[1], killed[2]}},
	{row: "event: ping, data: {}", b0: b0TLS, primary: frames("event: ping\ndata: {}\n\n"), want: [3]came{hangs, hangs, hangs}},
	{row: "choices: []", b0: b0TLS, primary: frames(`data: {"id":"1","choices":[]}` + "\n\n"), want: [3]came{hangs, hangs, hangs}},
	{row: "delta: {}", b0: b0TLS, primary: frames(`data: {"id":"1","choices":[{"index":0,"delta":{}}]}` + "\n\n"), want: [3]came{hangs, hangs, hangs}},
	{row: "delta: {role}", b0: b0TLS, primary: frames(`data: {"id":"1","choices":[{"index":0,"delta":{"role":"assistant"}}]}` + "\n\n"), want: [3]came{hangs, hangs, hangs}},
	{row: `delta: {content: ""}`, b0: b0TLS, primary: dataHeartbeats, want: [3]came{hangs, hangs, hangs}},
	{row: "1 token at a time, for ever", b0: b0TLS, primary: frames(`data: {"id":"1","choices":[{"index":0,"delta":{"content":"x"}}]}` + "\n\n"), want: [3]came{hangs, hangs, hangs}},
	{row: "1 reasoning token at a time, for ever", b0: b0TLS, primary: frames(`data: {"id":"1","choices":[{"index":0,"delta":{"reasoning_content":"x"}}]}` + "\n\n"), want: [3]came{hangs, hangs, hangs}},
	{row: "data: (empty)", b0: b0TLS, primary: frames("data:\n\n"), want: [3]came{allWait, allWait, allWait}},
	{row: "Anthropic ping", b0: b0TLS, over: anthropic, primary: heartbeats, want: [3]came{hangs, hangs, killed[2]}},
	{row: "Anthropic comment", b0: b0TLS, over: anthropic, primary: frames(": ping\n\n"), want: [3]came{hangs, hangs, killed[2]}},
	{row: "Anthropic message_start, then pings", b0: b0TLS, over: anthropic, primary: startsThenPings, want: [3]came{hangs, hangs, killed[2]}},
	{row: "headers, then no bytes at all", b0: b0TLS, primary: silent, want: [3]came{fallsBack(18, 2178, 2184), killed[1], killed[2]}},
	{row: "no response headers, no bytes", b0: b0TLS, primary: mute, want: [3]came{fallsBack(6, 738, 744), fallsBack(2, 362, 363), fallsBack(2, 362, 363)}},
	{
		// The read timeout of 900 s ends it, 18 times as measured on B0; F1's six follow from its code.
		row: "Anthropic, silent", b0: b0TLS, over: anthropic, primary: silent, want: [3]came{fallsBack(18, 16218, 16224), fallsBack(6, 5402, 5403), killed[2]},
	},
}

// killed are 3 × 3 × 2, 3 × 2 and 3 × 2 stale kills at 180 s.
var killed = [3]came{fallsBack(18, 3258, 3264), fallsBack(6, 1082, 1083), fallsBack(6, 1082, 1083)}

func TestMeasured(t *testing.T) {
	t.Parallel()
	for table, rows := range map[string][]measuredRow{"fault sweep": sweep, "activity": activity} {
		for _, row := range rows {
			t.Run(table+"/"+row.row, func(t *testing.T) {
				t.Parallel()
				if row.b0 == "" {
					row.b0 = b0
				}
				if row.over == nil {
					row.over = openai
				}
				for i, name := range []string{row.b0, f1, l020} {
					if got := row.play(t, policy(t, name)); !got.fits(row.want[i]) {
						t.Errorf("%s: got %+v, want %+v", name, got, row.want[i])
					}
				}
				if row.differs != "" {
					t.Logf("not as measured: %s", row.differs)
				}
			})
		}
	}
}

func (c came) fits(want came) bool {
	return c.attempts == want.attempts && c.how == want.how && c.from >= want.from && c.from <= want.to
}

// play makes one call, for which the caller waits six hours, in a conversation too small to be compressed.
func (row measuredRow) play(t *testing.T, p failover.Policy) came {
	t.Helper()
	var got came
	within(t, p, []provider{row.over("primary", row.primary), openai("secondary", answers)}, func(l *lab) {
		ctx, cancel := context.WithTimeout(l.t.Context(), 6*time.Hour)
		defer cancel()
		r := l.ask(ctx, failover.Request{Prompt: "say hello", ContextWindow: 200_000, Stream: true, Restarts: true})
		got.attempts, got.how = l.count("primary"), r.how()
		if got.how == "fallback" {
			got.from = l.first("secondary").Seconds()
		} else if l.count("secondary") > 0 {
			got.how = "the fallback was asked, and yet: " + got.how
		}
	})
	return got
}

// how says in a word how a call ended.
func (r result) how() string {
	switch {
	case errors.Is(r.err, context.DeadlineExceeded):
		return "hangs"
	case r.err != nil:
		return "fails"
	case r.text == "hello from secondary":
		return "fallback"
	case r.text == "hello from primary":
		return "primary"
	case r.text == "hello ":
		return "part"
	}
	return fmt.Sprintf("%q", r.text)
}

// Without a fallback: three requests, then an error; a rate limit is waited for
// (measured: at 0, 7.1 and 14.1 s with Retry-After: 7, within 7 to 9 s without).
func TestMeasuredWithoutFallback(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		fault    script
		from, to time.Duration
	}{
		{fails(429, `{}`, "Retry-After", "7"), 14 * time.Second, 14 * time.Second},
		{fails(429, `{}`), 6 * time.Second, 9 * time.Second},
		{fails(500, `{}`), 6 * time.Second, 9 * time.Second},
		{fails(503, `{}`), 6 * time.Second, 9 * time.Second},
	} {
		for _, name := range []string{b0, f1, l020} {
			within(t, policy(t, name), []provider{openai("primary", row.fault)}, func(l *lab) {
				r := l.call(0)
				if !errors.Is(r.err, failover.ErrChainExhausted) || l.count("primary") != 3 || r.took < row.from || r.took > row.to {
					t.Errorf("%s: got %d requests in %s, error %v", name, l.count("primary"), r.took, r.err)
				}
			})
		}
	}
}

// A chain of two hung providers costs six kills at each (measured: F1 6 + 6), and so does the second turn (F1 and L 6 + 6).
func TestMeasuredTwice(t *testing.T) {
	t.Parallel()
	chain := []provider{openai("primary", heartbeats), openai("second", heartbeats), openai("secondary", answers)}
	within(t, policy(t, f1), chain, func(l *lab) {
		if r := l.call(0); r.err != nil || l.count("primary") != 6 || l.count("second") != 6 {
			t.Errorf("got %d and %d requests, error %v", l.count("primary"), l.count("second"), r.err)
		}
	})
	within(t, policy(t, f1), []provider{openai("primary", heartbeats), openai("secondary", answers)}, func(l *lab) {
		l.call(0)
		if r := l.call(0); r.err != nil || l.count("primary") != 12 {
			t.Errorf("got %d requests in two turns, error %v", l.count("primary"), r.err)
		}
	})
}

// The work-around and the edge of the fix that landed: without inner retries two kills are left (measured: 2), and with a
// single outer attempt the second is never reached, so that the primary is recovered instead (measured: 6).
func TestMeasuredSettings(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		inner, outer, want int
	}{{2, 3, 6}, {0, 3, 2}, {2, 1, 6}, {2, 9, 6}} {
		p := policy(t, f1)
		p.Retry.Inner.Retries, p.Retry.Attempts = row.inner, row.outer
		within(t, p, []provider{openai("primary", heartbeats), openai("secondary", answers)}, func(l *lab) {
			if l.call(0); l.count("primary") != row.want {
				t.Errorf("%d inner retries, %d attempts: got %d kills, want %d", row.inner, row.outer, l.count("primary"), row.want)
			}
		})
	}
}

// Above 120,000 tokens in a small window three stale kills are taken for a context overflow: the conversation is
// compressed instead of the fallback asked, and the whole budget follows
// (https://github.com/NousResearch/hermes-agent/issues/16351). `recommended` asks the fallback.
func TestStaleKillTakenForOverflow(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct{ attempts, compressed int }{
		b0: {3, 0}, b0TLS: {3 + 18, 1}, f1: {3 + 6, 1}, l020: {3 + 6, 1}, "recommended": {1, 0},
	} {
		within(t, policy(t, name), []provider{openai("primary", heartbeats), openai("secondary", answers)}, func(l *lab) {
			r := l.call(130_000)
			if r.err != nil || l.count("primary") != want.attempts || l.decidedTo(failover.Compress) != want.compressed {
				t.Errorf("%s: got %d requests, %d times compressed, error %v", name, l.count("primary"), l.decidedTo(failover.Compress), r.err)
			}
		})
	}
	within(t, policy(t, f1), []provider{openai("primary", cut), openai("secondary", answers)}, func(l *lab) {
		if r := l.call(199_000); r.err != nil || l.decidedTo(failover.Compress) != 1 {
			t.Errorf("a connection that is lost each time: got %d requests, error %v", l.count("primary"), r.err)
		}
	})
	within(t, policy(t, f1), []provider{openai("primary", fails(413, `{}`)), openai("secondary", answers)}, func(l *lab) {
		if r := l.call(199_000); !errors.Is(r.err, failover.ErrRefused) || l.count("primary") != 4 || l.count("secondary") != 0 {
			t.Errorf("three compressions, then the end, with the fallback idle: got %v, error %v", l.hits, r.err)
		}
	})
}

// An answer without content is asked for again without a wait (B0, F1), or after [5, 7.5), [10, 15) and [20, 30) s
// (L; measured: 7.4, 11.9 and 29 s).
func TestMeasuredEmptyAnswers(t *testing.T) {
	t.Parallel()
	for name, took := range map[string][2]time.Duration{b0: {0, 0}, f1: {0, 0}, l020: {35 * time.Second, 52500 * time.Millisecond}} {
		within(t, policy(t, name), []provider{openai("primary", finishes), openai("secondary", answers)}, func(l *lab) {
			r := l.call(0)
			if at := l.first("secondary"); r.err != nil || l.count("primary") != 4 || at < took[0] || at > took[1] {
				t.Errorf("%s: got %d requests, fallback at %s, error %v", name, l.count("primary"), at, r.err)
			}
		})
	}
}

// A bare SDK: what fails before the headers is repeated twice by the SDK itself, what stalls after them is waited for
// without end, and an early end or nothing at all reads as an answer.
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
			if got := (measuredRow{primary: row.primary, over: over}).play(t, policy(t, "sdk-defaults")); !got.fits(row.want) {
				t.Errorf("%s, %s: got %+v, want %+v", row.fault, protocol, got, row.want)
			}
		}
	}
}

func always(body string) script { return func(x *exchange) { x.send(body) } }

func htmlPage(x *exchange) {
	x.w.Header().Set("Content-Type", "text/html")
	x.send("<html>hello</html>\n")
}

// frames sends one frame every 10 s, a phase away from any limit.
func frames(frame string) script {
	return func(x *exchange) {
		x.send("")
		for d := 3 * time.Millisecond; x.wait(d); d = 10 * time.Second {
			x.send(frame)
		}
	}
}

func startsThenPings(x *exchange) {
	x.send("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"1\",\"model\":\"m\",\"usage\":{\"input_tokens\":5}}}\n\n")
	heartbeats(x)
}

func firstTokenAfter(d time.Duration) script {
	return func(x *exchange) {
		for began := time.Now(); time.Since(began) < d; x.heartbeat() {
			if !x.wait(7 * time.Second) {
				return
			}
		}
		answers(x)
	}
}
