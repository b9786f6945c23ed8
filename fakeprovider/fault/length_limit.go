package fault

import (
	"cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// LengthLimit reaches the limit of its output.
type LengthLimit struct {
	// Tokens is how many tokens arrive. Default 5.
	Tokens int `yaml:"tokens"`
}

var (
	_ fakeprovider.Fault     = LengthLimit{}
	_ fakeprovider.Validator = LengthLimit{}
)

// Info describes the fault.
func (LengthLimit) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"M2"}, Name: "length-limit",
		Title: "The answer ends in its middle, with the finish reason length",
		Why:   "It is a truncated answer by the provider's own word. Passed on as stop, it reads like a complete one.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Tell the caller that the answer was cut at a limit, or go on by policy.",
		},
		Issues: []string{
			"https://github.com/Skyvern-AI/skyvern/pull/6079",
			"https://github.com/NousResearch/hermes-agent/issues/70215",
		},
		Default: LengthLimit{Tokens: defaultDropAfter},
	}
}

// Validate refuses a negative number.
func (p LengthLimit) Validate() error {
	return atLeastOne("length-limit", "tokens", p.Tokens)
}

// Script sends the tokens and finishes with length.
func (p LengthLimit) Script() fakeprovider.Script {
	return fakeprovider.Script{
		fakeprovider.Wait{For: fakeprovider.DefaultTTFT},
		fakeprovider.Text{Tokens: cmp.Or(p.Tokens, defaultDropAfter), ITL: fakeprovider.DefaultITL},
		fakeprovider.Finish{Reason: "length"},
	}
}
