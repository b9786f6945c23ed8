package fault

import (
	"cmp"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// StallAfterFirstToken sends one token and falls silent.
type StallAfterFirstToken struct {
	// TTFT is the time to that token. Default 400ms.
	TTFT time.Duration `yaml:"ttft"`
}

var (
	_ fakeprovider.Fault     = StallAfterFirstToken{}
	_ fakeprovider.Validator = StallAfterFirstToken{}
)

// Info describes the fault.
func (StallAfterFirstToken) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S8"}, Name: "stall-after-first-token",
		Title: "One token arrives, then nothing more",
		Why:   "The time to first token was fine, so a deadline that watches it alone is content.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Set a deadline between tokens.",
		},
		Issues: []string{
			"https://github.com/MoonshotAI/kimi-code/issues/1050",
			"https://github.com/anthropics/claude-code/issues/88900",
		},
		Default: StallAfterFirstToken{TTFT: fakeprovider.DefaultTTFT},
	}
}

// Validate refuses a negative time.
func (p StallAfterFirstToken) Validate() error {
	return notNegative("stall-after-first-token", "ttft", p.TTFT)
}

// Script sends the token and holds the connection.
func (p StallAfterFirstToken) Script() fakeprovider.Script {
	return fakeprovider.Script{
		fakeprovider.Wait{For: cmp.Or(p.TTFT, fakeprovider.DefaultTTFT)},
		fakeprovider.Text{Tokens: 1},
		fakeprovider.End{How: fakeprovider.Hang},
	}
}
