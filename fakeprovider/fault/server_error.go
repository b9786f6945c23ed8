package fault

import (
	"cmp"
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// ServerError answers with one of the usual 5xx.
type ServerError struct {
	// Status is 500, 502, 503 or 504. Default 500.
	Status int `yaml:"status"`
	// RetryAfter is the value of the Retry-After header, sent as it stands. Default: no header.
	RetryAfter string `yaml:"retry_after"`
}

var (
	_ fakeprovider.Fault     = ServerError{}
	_ fakeprovider.Validator = ServerError{}
)

// Info describes the fault.
func (ServerError) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H7"}, Name: "server-error", Title: "The provider answers 500, 502, 503 or 504",
		Why: "It may be gone at the next try and may last for hours. Engines that never count their tries stay with " +
			"the provider, and some go on to the next one only where the connection failed.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Retry once or twice with backoff, then ask the next provider.",
		},
		Issues: []string{
			"https://github.com/NousResearch/hermes-agent/pull/33106",
			"https://github.com/mnfst/llm-gateway/issues/1407",
		},
		Default: ServerError{Status: http.StatusInternalServerError},
	}
}

// Validate refuses other statuses.
func (p ServerError) Validate() error {
	return statusAmong("server-error", p.Status, 500, 502, 503, 504)
}

// Script sends the vendor's error.
func (p ServerError) Script() fakeprovider.Script {
	return fakeprovider.Script{
		fakeprovider.Fail{Status: cmp.Or(p.Status, http.StatusInternalServerError), RetryAfter: p.RetryAfter},
	}
}
