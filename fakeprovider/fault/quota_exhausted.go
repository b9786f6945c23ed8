package fault

import (
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// QuotaExhausted answers 429 for a quota that does not come back soon: insufficient_quota of
// OpenAI, a quota per day of Google. A vendor whose 429 is for rates alone, as Anthropic's,
// answers with that one.
type QuotaExhausted struct{}

var _ fakeprovider.Fault = QuotaExhausted{}

// Info describes the fault.
func (QuotaExhausted) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H5"}, Name: "quota-exhausted", Title: "The quota is spent, and 429 says so",
		Why: "It has the status of a rate limit, and no wait ends it. Whoever retries burns his retries and his " +
			"caller's time; the body tells the two apart.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack, Once: true,
			Note: "Do not retry with the same key: use another one, or ask the next provider at once.",
		},
		Issues: []string{
			"https://github.com/NousResearch/hermes-agent/issues/36276",
			"https://github.com/langchain-ai/langchainjs/issues/1929",
		},
		Default: QuotaExhausted{},
	}
}

// Script sends the vendor's error.
func (QuotaExhausted) Script() fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Fail{Status: http.StatusTooManyRequests, Code: fakeprovider.CodeQuota}}
}
