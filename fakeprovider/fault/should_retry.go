package fault

import (
	"net/http"
	"strconv"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// ShouldRetry sends a header that contradicts the status about whether to retry.
type ShouldRetry struct {
	// Retry is what x-should-retry says. Default false.
	Retry bool `yaml:"retry"`
	// Status is 400 to 599. Default one that says the contrary: 503 where retry is false, else
	// 400.
	Status int `yaml:"status"`
}

var (
	_ fakeprovider.Fault     = ShouldRetry{}
	_ fakeprovider.Validator = ShouldRetry{}
)

// Info describes the fault.
func (ShouldRetry) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H4"}, Name: "should-retry", Title: "x-should-retry says the contrary of the status",
		Why: "The SDKs of both OpenAI and Anthropic let it decide before the status does. Who does not look repeats " +
			"what has been repeated already behind the provider, or gives up what was worth another try.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack, Once: true,
			Note: "Obey it: do not retry on false, whatever the status, and try once more on true.",
		},
		Issues: []string{
			"https://github.com/earendil-works/pi/issues/6586",
			"https://github.com/anthropics/anthropic-sdk-python/pull/1692",
		},
		Default: ShouldRetry{},
	}
}

// Validate refuses a status that is no error.
func (p ShouldRetry) Validate() error { return within("should-retry", "status", p.Status, 400, 599) }

// Script sends the error.
func (p ShouldRetry) Script() fakeprovider.Script {
	status := p.Status
	switch {
	case status != 0:
	case p.Retry:
		status = http.StatusBadRequest
	default:
		status = http.StatusServiceUnavailable
	}
	return fakeprovider.Script{
		fakeprovider.Fail{Status: status, Headers: map[string]string{"X-Should-Retry": strconv.FormatBool(p.Retry)}},
	}
}
