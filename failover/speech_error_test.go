package failover_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/failover"
)

// Errors that arrive within a stream of status 200, as the vendors write them, and what they are
// taken for, before any content and after it.
func TestErrorsWithinTheStream(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		over  func(string, ...script) provider
		event string
		want  failover.Reason
	}{
		{
			anthropic,
			"event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n",
			failover.ReasonOverloaded,
		},
		{
			anthropic,
			"event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"Internal server " +
				"error\"}}\n\n",
			failover.ReasonServerError,
		},
		{
			anthropic,
			"event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"slow " +
				"down\"}}\n\n",
			failover.ReasonRateLimit,
		},
		{
			anthropic,
			"event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"timeout_error\",\"message\":\"Request " +
				"timeout\"}}\n\n",
			failover.ReasonTimeout,
		},
		{
			openai,
			`data: {"error":{"message":"The server had an error","type":"server_error","param":null,"code":null}}` +
				"\n\n",
			failover.ReasonServerError,
		},
		{
			openai,
			`data: {"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}` +
				"\n\n",
			failover.ReasonBilling,
		},
		{
			openai,
			`data: {"id":"gen-1","provider":"x","error":{"code":502,"message":"Provider disconnected"},"choices":[]}` +
				"\n\n",
			failover.ReasonServerError,
		},
		{
			openai,
			`data: {"error":{"code":429,"message":"Provider returned error","metadata":{"raw":"slow down"}}}` + "\n\n",
			failover.ReasonUpstreamRateLimit,
		},
		{openai, `data: {"error":{"message":"Network connection lost."}}` + "\n\n", failover.ReasonTimeout},
		{
			openai, `data: {"error":"upstream connect error or disconnect/reset before headers"}` + "\n\n",
			failover.ReasonTimeout,
		},
	} {
		for _, before := range []string{"", "hello "} {
			play := func(x *exchange) {
				if before != "" {
					x.text(before)
				}
				x.send(row.event)
				x.hang()
			}
			p := policy(t, "recommended")
			p.Retry.Attempts = 1
			within(t, p, []provider{row.over("primary", play), openai("secondary", answers)}, func(l *lab) {
				r := l.call(tokens[0])
				if r.err != nil || r.text != "hello from secondary" || r.took > time.Second {
					t.Errorf("%s after %q: got %q after %s, error %v", row.event, before, r.raw, r.took, r.err)
				}
				for _, d := range l.decisions {
					if d.Action == failover.ActionFallBack && d.Reason != row.want {
						t.Errorf("%s after %q: got %s, want %s", row.event, before, d.Reason, row.want)
					}
				}
			})
		}
	}
}

// What a failed answer's headers say reaches whoever reads the error, for every protocol.
func TestWishesOfTheProvider(t *testing.T) {
	t.Parallel()
	for protocol, of := range protocols {
		p := policy(t, "recommended")
		fault := fails(429, `{"error":{"message":"slow down"}}`, "Retry-After", "7", "Retry-After-Ms", "6500",
			"X-Should-Retry", "false")
		within(t, p, []provider{of("primary", fault)}, func(l *lab) {
			r := l.call(tokens[0])
			call, ok := r.err.(*failover.CallError) //nolint:errorlint // that very type is the contract
			if !ok || len(call.Attempts) != 1 {
				t.Fatalf("%s: got %v", protocol, r.err)
			}
			if a := call.Attempts[0]; a.RetryAfter != "7" || a.RetryAfterMS != "6500" || a.ShouldRetry != "false" ||
				l.count("primary") != 1 {
				t.Errorf("%s: got %+v after %d requests", protocol, a, l.count("primary"))
			}
		})
	}
}

// Longer than the provider may ask for while somebody else is left: the chain goes on at once. With
// nobody left the wait is granted, and none that the deadline cuts.
func TestLongWaits(t *testing.T) {
	t.Parallel()
	p := policy(t, "recommended")
	p.Retry.Backoff.Jitter = 0
	within(t, p, []provider{
		openai("primary", fails(500, `{}`, "Retry-After", "60")), openai("secondary", answers),
	}, func(l *lab) {
		if r := l.call(tokens[0]); r.err != nil || l.count("primary") != 1 || l.first("secondary") != 0 {
			t.Errorf("got %v, error %v", l.hits, r.err)
		}
	})
	within(t, p, []provider{openai("primary", fails(500, `{}`, "Retry-After", "60"), answers)}, func(l *lab) {
		if r := l.call(tokens[0]); r.err != nil || r.took != time.Minute {
			t.Errorf("got an answer after %s, error %v", r.took, r.err)
		}
	})
	within(t, p, []provider{openai("primary", fails(429, `{}`, "Retry-After", "11180"), answers)}, func(l *lab) {
		r := l.call(tokens[0])
		if r.err == nil || r.took != 0 || !strings.Contains(r.err.Error(), "asks to be asked again in 3h6m20s") {
			t.Errorf("got error %v after %s: three hours are an answer, and the error says how long", r.err, r.took)
		}
	})
	p.Deadline, p.Watch.Stale, p.Watch.StaleCall, p.Watch.StaleCallScaling = 100*time.Second, 0, 0, nil
	p.Watch.StaleScaling = nil
	within(t, p, []provider{openai("primary", fails(500, `{}`, "Retry-After", "110"), answers)}, func(l *lab) {
		if r := l.call(tokens[0]); r.err == nil || r.took != 0 {
			t.Errorf("got error %v after %s: no wait helps that the deadline cuts", r.err, r.took)
		}
	})
}
