package fault

import "github.com/chaosrun/chaosrun/fakeprovider"

// EmptyBody answers 200 and says nothing.
type EmptyBody struct{}

var _ fakeprovider.Fault = EmptyBody{}

// Info describes the fault.
func (EmptyBody) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H18"}, Name: "empty-body", Title: "The status is 200, and there is no body",
		Why: "Fallback chains that start at status 400 take it for an answer, and the SDKs' streams end without an " +
			"event and without an error.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Treat it as a failure that may be retried, or ask the next provider.",
		},
		Issues: []string{
			"https://github.com/mnfst/llm-gateway/issues/2709", "https://github.com/decolua/9router/pull/2689",
		},
		Default: EmptyBody{},
	}
}

// Script sends headers alone.
func (EmptyBody) Script() fakeprovider.Script {
	return fakeprovider.Script{
		fakeprovider.Respond{Headers: map[string]string{"Content-Length": "0"}},
		fakeprovider.End{How: fakeprovider.EOF},
	}
}
