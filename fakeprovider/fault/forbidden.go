package fault

import (
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// Forbidden answers 403: the key is right and has no permission.
type Forbidden struct{}

var _ fakeprovider.Fault = Forbidden{}

// Info describes the fault.
func (Forbidden) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H10"}, Name: "forbidden", Title: "The key lacks the permission: 403",
		Why: "No retry changes it, and it says nothing of the next provider. Chains that take it for the caller's " +
			"fault never ask that one.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack, Once: true,
			Note: "Do not retry: use another key, or ask the next provider with a key of its own.",
		},
		Issues: []string{
			"https://github.com/maximhq/bifrost/issues/3261", "https://github.com/routatic/proxy/pull/112",
		},
		Default: Forbidden{},
	}
}

// Script sends the vendor's error.
func (Forbidden) Script() fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Fail{Status: http.StatusForbidden}}
}
