package fault

import (
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// ModelNotFound answers 404: the model does not exist.
type ModelNotFound struct{}

var _ fakeprovider.Fault = ModelNotFound{}

// Info describes the fault.
func (ModelNotFound) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H12"}, Name: "model-not-found", Title: "The model does not exist: 404",
		Why: "A model that was retired stays first in the chain, and each prompt fails on it anew.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack, Once: true,
			Note: "Ask the next model, and take this one out of the rotation.",
		},
		Issues: []string{
			"https://github.com/tashfeenahmed/freellmapi/pull/76", "https://github.com/langwatch/langwatch/pull/5358",
		},
		Default: ModelNotFound{},
	}
}

// Script sends the vendor's error.
func (ModelNotFound) Script() fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Fail{Status: http.StatusNotFound}}
}
