package fakeprovider

import (
	"time"
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
	_ Preset    = ResetBeforeHeaders{}
	_ Validator = ResetBeforeHeaders{}
	_ Preset    = CloseBeforeHeaders{}
	_ Validator = CloseBeforeHeaders{}
)

func resetBeforeHeadersInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"C8"}, Name: "reset-before-headers", Title: "The connection is reset after the request, before any header",
		Why: "Nothing was shown, so that trying again is safe for the caller, and a provider that is being restarted is back in " +
			"a second. Engines that know only statuses have no rule for it.",
		Correct: "One retry within a second, or the next provider.",
		Issues: []string{
			"https://github.com/mastra-ai/mastra/pull/18370",
			"https://github.com/anthropics/claude-code/issues/87599",
		},
		Default: ResetBeforeHeaders{},
	}
}

func closeBeforeHeadersInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"C9"}, Name: "close-before-headers", Title: "The connection is closed after the request, before any header (EOF)",
		Why: "As with a reset nothing was shown, but the error is a bare EOF, an empty reply or \"other side closed\", and lists of errors " +
			"worth a retry leave it out.",
		Correct: "One retry within a second, or the next provider.",
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
func (p ResetBeforeHeaders) Script() Script { return Script{Wait{For: p.After}, End{How: Reset}} }

// Script closes.
func (p CloseBeforeHeaders) Script() Script { return Script{Wait{For: p.After}, End{How: Cut}} }
