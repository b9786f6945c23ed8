package fakeprovider

// NoResponse reads the request and sends nothing, not even headers.
type NoResponse struct{}

var _ Preset = NoResponse{}

func noResponseInfo() PresetInfo {
	return PresetInfo{
		IDs:     []string{"C4"},
		Name:    "no-response",
		Title:   "The request is read and nothing is ever sent",
		Why:     "The stock SDKs wait ten minutes for headers, and then begin again.",
		Correct: "A deadline for the first sign of an answer, far below the SDKs' own; then the next provider.",
		Issues:  []string{"https://github.com/anthropics/claude-code/issues/49716"},
		Default: NoResponse{},
	}
}

// Script holds the connection.
func (NoResponse) Script() Script { return Script{End{How: Hang}} }
