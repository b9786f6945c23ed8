package fault

import (
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// NoContent answers 204.
type NoContent struct{}

var _ fakeprovider.Fault = NoContent{}

// Info describes the fault.
func (NoContent) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H18"}, Name: "no-content", Title: "The provider answers 204",
		Why: "It is a 2xx, so the body is parsed, and there is none: a syntax error at the end of nothing, or a " +
			"stream of no events that counts as a success.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Treat it as a failure that may be retried, or ask the next provider.",
		},
		Issues:  []string{"https://github.com/feross/simple-get/issues/63"},
		Default: NoContent{},
	}
}

// Script sends headers alone.
func (NoContent) Script() fakeprovider.Script {
	return fakeprovider.Script{
		fakeprovider.Respond{Status: http.StatusNoContent, Headers: map[string]string{"Content-Type": ""}},
		fakeprovider.End{How: fakeprovider.EOF},
	}
}
