package fault

import (
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// ContextLengthExceeded answers 400: the prompt is longer than the model's context.
type ContextLengthExceeded struct{}

var _ fakeprovider.Fault = ContextLengthExceeded{}

// Info describes the fault.
func (ContextLengthExceeded) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H14"}, Name: "context-length-exceeded", Title: "The prompt is longer than the context: 400",
		Why: "It fails again however often it is sent, and each repetition costs the whole prompt. Vendors word it " +
			"differently, so it is easily taken for any other 400.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack, Once: true,
			Note: "Do not retry: ask a model with a larger context, or return a clear error.",
		},
		Issues: []string{
			"https://github.com/BerriAI/litellm/issues/10793", "https://github.com/BerriAI/litellm/issues/31557",
		},
		Default: ContextLengthExceeded{},
	}
}

// Script sends the vendor's error.
func (ContextLengthExceeded) Script() fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Fail{Status: http.StatusBadRequest, Code: fakeprovider.CodeContextLength}}
}
