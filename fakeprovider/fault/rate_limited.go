package fault

import (
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// RateLimited answers 429.
type RateLimited struct {
	// RetryAfter is the value of the Retry-After header, sent as it stands: seconds, a date, or
	// nonsense. Default: no header.
	RetryAfter string `yaml:"retry_after"`
	// Code picks one of the vendor's 429s. Default: a rate limit that passes. insufficient_quota
	// is OpenAI's that does not.
	Code string `yaml:"code"`
}

var _ fakeprovider.Fault = RateLimited{}

// Info describes the fault.
func (RateLimited) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs:   []string{"H1"},
		Name:  "rate-limited",
		Title: "The provider answers 429",
		Why: "A short Retry-After should be kept, a long one is a reason to go elsewhere at once, and without one a " +
			"client needs a backoff of its own. Stock SDKs differ in how long they are ready to sleep.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Back off by yourself and ask the same provider once more, or ask the next one.",
		},
		Issues:  []string{"https://github.com/google-gemini/gemini-cli/issues/10925"},
		Default: RateLimited{},
	}
}

// Script sends the vendor's 429.
func (p RateLimited) Script() fakeprovider.Script {
	return fakeprovider.Script{
		fakeprovider.Fail{Status: http.StatusTooManyRequests, Code: p.Code, RetryAfter: p.RetryAfter},
	}
}
