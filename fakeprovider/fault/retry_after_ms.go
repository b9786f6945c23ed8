package fault

import (
	"cmp"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// RetryAfterMS asks for a wait in milliseconds.
type RetryAfterMS struct {
	// Wait is sent in Retry-After-Ms, as whole thousandths of a second. Default 1500ms.
	Wait time.Duration `yaml:"wait"`
	// RetryAfter is what Retry-After says besides, sent as it stands. Default: there is none.
	RetryAfter string `yaml:"retry_after"`
	// Status is 429, or 500 to 599. Default 429.
	Status int `yaml:"status"`
}

var (
	_ fakeprovider.Fault     = RetryAfterMS{}
	_ fakeprovider.Validator = RetryAfterMS{}
)

// Info describes the fault.
func (RetryAfterMS) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H4"}, Name: "retry-after-ms", Title: "The wait stands in Retry-After-Ms alone",
		Why: "Azure and OpenAI send it and their SDKs look at it first. A client that knows Retry-After alone waits " +
			"too long, or by a schedule of its own.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Obey it before Retry-After.",
		},
		Issues: []string{
			"https://github.com/openai/openai-python/issues/957", "https://github.com/microsoft/kernel-memory/pull/795",
		},
		Default: RetryAfterMS{Wait: defaultFraction, Status: 429},
	}
}

// Validate refuses fractions of a millisecond, a negative wait, and a status that has none.
func (p RetryAfterMS) Validate() error {
	return errors.Join(multiple("retry-after-ms", p.Wait, time.Millisecond), waitingStatus("retry-after-ms", p.Status))
}

// Script sends the error.
func (p RetryAfterMS) Script() fakeprovider.Script {
	ms := strconv.FormatInt(cmp.Or(p.Wait, defaultFraction).Milliseconds(), 10)
	return fakeprovider.Script{fakeprovider.Fail{
		Status:  cmp.Or(p.Status, http.StatusTooManyRequests),
		Headers: map[string]string{retryAfterMS: ms, retryAfter: p.RetryAfter},
	}}
}
