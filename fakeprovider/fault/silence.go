package fault

import "github.com/chaosrun/chaosrun/fakeprovider"

// Silence sends the headers of a stream and then nothing.
type Silence struct{}

var _ fakeprovider.Fault = Silence{}

// Info describes the fault.
func (Silence) Info() fakeprovider.Info {
	return fakeprovider.Info{
		Name:  "silence",
		Title: "Headers arrive, then nothing at all",
		Why: "The header timeout is satisfied and the stock Go SDKs have none for the body, " +
			"so the stream lasts until somebody else gives up.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Set a deadline on content, far below the SDKs' own, then ask the next provider.",
		},
		Issues: []string{
			"https://github.com/anomalyco/opencode/issues/43007",
			"https://github.com/anomalyco/opencode/issues/47605",
		},
		Default: Silence{},
	}
}

// Script sends the headers and holds the connection.
func (Silence) Script() fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Respond{}, fakeprovider.End{How: fakeprovider.Hang}}
}
