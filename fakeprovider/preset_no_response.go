package fakeprovider

// NoResponse reads the request and sends nothing, not even headers.
type NoResponse struct{}

var _ Preset = NoResponse{}

func noResponseInfo() PresetInfo {
	return PresetInfo{
		Name:    "no-response",
		Title:   "The request is read and nothing is ever sent",
		Why:     "The stock SDKs wait ten minutes for headers, and then begin again.",
		Issues:  []string{"https://github.com/anthropics/claude-code/issues/49716"},
		Default: NoResponse{},
	}
}

// Script holds the connection.
func (NoResponse) Script() Script { return Script{End{How: Hang}} }
