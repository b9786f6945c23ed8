package fault

import (
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// Unauthorized answers 401: the key is wrong or revoked.
type Unauthorized struct{}

var _ fakeprovider.Fault = Unauthorized{}

// Info describes the fault.
func (Unauthorized) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H10"}, Name: "unauthorized", Title: "The key is refused: 401",
		Why: "Every model behind the same key fails in the same way, so a chain that walks them wastes its time, and " +
			"one that stops strands healthy keys and providers.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack, Once: true,
			Note: "Use another key, or ask the next provider with a key of its own, never one that " +
				"shares this key.",
		},
		Issues: []string{
			"https://github.com/routatic/proxy/issues/108", "https://github.com/mnfst/llm-gateway/issues/1180",
		},
		Default: Unauthorized{},
	}
}

// Script sends the vendor's error.
func (Unauthorized) Script() fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Fail{Status: http.StatusUnauthorized}}
}
