package fault

import (
	"context"
	"net/http"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// LimitsSpent answers with headers that say that this was the last request for now.
type LimitsSpent struct {
	// RetryAfter is the value of a Retry-After header beside the 200, sent as it stands. Anthropic
	// has been seen to send one (33). Default: no header.
	RetryAfter string `yaml:"retry_after"`
}

var (
	_ fakeprovider.Overlay = LimitsSpent{}
	_ fakeprovider.Step    = LimitsSpent{}
)

// Info describes the fault.
func (LimitsSpent) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H6"}, Name: "limits-spent", Title: "The answer is whole, and nothing remains of the rate limits",
		Why: "The next request will be refused, and who looks can spare it. Who looks too hard drops an answer that " +
			"is all right, or sleeps on a Retry-After beside a 200.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Take the answer as it is; going elsewhere with the next request is optional.",
		},
		Issues: []string{
			"https://github.com/NousResearch/hermes-agent/pull/7490",
			"https://github.com/openclaw/openclaw/issues/42401",
		},
		Default: LimitsSpent{},
	}
}

// Script spends the limits of a healthy answer.
func (p LimitsSpent) Script() fakeprovider.Script {
	return fakeprovider.Over(p, fakeprovider.Healthy{})
}

// Lay returns the fault itself, as a step.
func (p LimitsSpent) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play sets the vendor's headers for remaining limits to 0. Gemini has none.
func (p LimitsSpent) Play(_ context.Context, x fakeprovider.Exchange) error {
	x.Filters().ThroughHead(func(status int, h http.Header) int {
		for name := range h {
			if remains(name) {
				h[name] = []string{"0"}
			}
		}
		if p.RetryAfter != "" {
			sse.SetHeaders(h, http.Header{retryAfter: {p.RetryAfter}})
		}
		return status
	})
	return nil
}

// remains reports whether a header says what remains of a limit.
func remains(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "ratelimit") && strings.Contains(name, "remaining")
}
