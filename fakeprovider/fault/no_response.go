package fault

import "github.com/chaosrun/chaosrun/fakeprovider"

// NoResponse reads the request and sends nothing, not even headers.
type NoResponse struct{}

var _ fakeprovider.Fault = NoResponse{}

// Info describes the fault.
func (NoResponse) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs:   []string{"C4"},
		Name:  "no-response",
		Title: "The request is read and nothing is ever sent",
		Why:   "The stock SDKs wait ten minutes for headers, and then begin again.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note: "Set a deadline for the first sign of an answer, far below the SDKs', then ask the " +
				"next provider.",
		},
		Issues:  []string{"https://github.com/anthropics/claude-code/issues/49716"},
		Default: NoResponse{},
	}
}

// Script holds the connection.
func (NoResponse) Script() fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.End{How: fakeprovider.Hang}}
}
