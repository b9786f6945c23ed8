package fault

import (
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// BadRequest answers 400: the request is malformed.
type BadRequest struct{}

var _ fakeprovider.Fault = BadRequest{}

// Info describes the fault.
func (BadRequest) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H14"}, Name: "bad-request", Title: "The request is refused as malformed: 400",
		Why: "The verdict on the same bytes is the same. Retries are wasted, and so may be the rest of the chain.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack, Once: true,
			Note: "Do not retry: return a clear error, or ask the next provider if that one might read it.",
		},
		Issues: []string{
			"https://github.com/librefang/librefang/pull/8322", "https://github.com/letta-ai/letta-code/pull/725",
		},
		Default: BadRequest{},
	}
}

// Script sends the vendor's error.
func (BadRequest) Script() fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Fail{Status: http.StatusBadRequest}}
}
