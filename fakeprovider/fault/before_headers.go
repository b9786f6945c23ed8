package fault

import (
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// ResetBeforeHeaders reads the request and resets the connection.
type ResetBeforeHeaders struct {
	// After is how long after the request's arrival. Default: at once.
	After time.Duration `yaml:"after"`
}

// CloseBeforeHeaders reads the request and closes the connection.
type CloseBeforeHeaders struct {
	// After is how long after the request's arrival. Default: at once.
	After time.Duration `yaml:"after"`
}

var (
	_ fakeprovider.Fault     = ResetBeforeHeaders{}
	_ fakeprovider.Validator = ResetBeforeHeaders{}
	_ fakeprovider.Fault     = CloseBeforeHeaders{}
	_ fakeprovider.Validator = CloseBeforeHeaders{}
)

// Info describes the fault.
func (ResetBeforeHeaders) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C8"}, Name: "reset-before-headers",
		Title: "The connection is reset after the request, before any header",
		Why: "Nothing was shown, so that trying again is safe for the caller, and a provider that is being restarted " +
			"is back in a second. Engines that know only statuses have no rule for it.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Retry once within a second, or ask the next provider.",
		},
		Issues: []string{
			"https://github.com/mastra-ai/mastra/pull/18370",
			"https://github.com/anthropics/claude-code/issues/87599",
		},
		Default: ResetBeforeHeaders{},
	}
}

// Info describes the fault.
func (CloseBeforeHeaders) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C9"}, Name: "close-before-headers",
		Title: "The connection is closed after the request, before any header (EOF)",
		Why: "As with a reset nothing was shown, but the error is a bare EOF, an empty reply or \"other side " +
			"closed\", and lists of errors worth a retry leave it out.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Retry once within a second, or ask the next provider.",
		},
		Issues:  []string{"https://github.com/mastra-ai/mastra/issues/19691"},
		Default: CloseBeforeHeaders{},
	}
}

// Validate refuses a negative time.
func (p ResetBeforeHeaders) Validate() error {
	return notNegative("reset-before-headers", "after", p.After)
}

// Validate refuses a negative time.
func (p CloseBeforeHeaders) Validate() error {
	return notNegative("close-before-headers", "after", p.After)
}

// Script resets.
func (p ResetBeforeHeaders) Script() fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Wait{For: p.After}, fakeprovider.End{How: fakeprovider.Reset}}
}

// Script closes.
func (p CloseBeforeHeaders) Script() fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Wait{For: p.After}, fakeprovider.End{How: fakeprovider.Cut}}
}
