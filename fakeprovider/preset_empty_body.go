package fakeprovider

// EmptyBody answers 200 and says nothing.
type EmptyBody struct{}

var _ Preset = EmptyBody{}

func emptyBodyInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"H18"}, Name: "empty-body", Title: "The status is 200, and there is no body",
		Why: "Fallback chains that start at status 400 take it for an answer, and the SDKs' streams end without an event and without " +
			"an error.",
		Correct: "A failure that may be retried; the next provider.",
		Issues: []string{
			"https://github.com/mnfst/llm-gateway/issues/2709", "https://github.com/decolua/9router/pull/2689",
		},
		Default: EmptyBody{},
	}
}

// Script sends headers alone.
func (EmptyBody) Script() Script {
	return Script{Respond{Headers: map[string]string{"Content-Length": "0"}}, End{How: EOF}}
}
