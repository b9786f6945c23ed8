package fault

import (
	"cmp"
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// RetryableStatus answers with a 4xx that is worth a retry.
type RetryableStatus struct {
	// Status is 408 (timeout), 409 (conflict) or 425 (too early). Default 408.
	Status int `yaml:"status"`
}

var (
	_ fakeprovider.Fault     = RetryableStatus{}
	_ fakeprovider.Validator = RetryableStatus{}
)

// Info describes the fault.
func (RetryableStatus) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H9"}, Name: "retryable-status", Title: "The provider answers 408, 409 or 425",
		Why: "They are 4xx and no verdict on the request: the SDKs of OpenAI and Anthropic repeat 408 and 409. " +
			"Engines that call every 4xx the caller's fault end the turn.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Retry once or twice with backoff, then ask the next provider.",
		},
		Issues:  []string{"https://github.com/anomalyco/opencode/issues/47525"},
		Default: RetryableStatus{Status: http.StatusRequestTimeout},
	}
}

// Validate refuses other statuses.
func (p RetryableStatus) Validate() error {
	return statusAmong("retryable-status", p.Status, 408, 409, 425)
}

// Script sends the vendor's error.
func (p RetryableStatus) Script() fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Fail{Status: cmp.Or(p.Status, http.StatusRequestTimeout)}}
}
