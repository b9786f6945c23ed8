package fault

import (
	"cmp"
	"errors"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// Repetition says the same sentence again and again.
type Repetition struct {
	// Text is the sentence. Default: Canary.
	Text string `yaml:"text"`
	// ITL is the time between tokens. Default 250ms.
	ITL time.Duration `yaml:"itl"`
	// Tokens is how many there are before the output ends with length. Default 64000, the budget
	// that https://github.com/anthropics/claude-code/issues/90268 saw used up; at most 1000000,
	// because encoders keep the answer.
	Tokens int `yaml:"tokens"`
}

var (
	_ fakeprovider.Fault     = Repetition{}
	_ fakeprovider.Validator = Repetition{}
)

const (
	defaultRepetitionITL = 250 * time.Millisecond
	defaultRepetition    = 64_000
	maxRepetition        = 1_000_000
)

// Info describes the fault.
func (Repetition) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"M10"}, Name: "repetition",
		Title: "The same sentence comes again and again, up to the limit of the output",
		Why: "Every deadline is met: tokens keep coming. Only somebody who looks at the text, or counts it, " +
			"ends what costs a whole budget and says nothing.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FailClearly, Whole: fakeprovider.FallBack,
			Note: "Set a budget of tokens, or watch for repetition.",
			Because: "tokens flow at the usual pace, and only a budget for them, which is the caller's, would end it " +
				"sooner than the call's deadline",
		},
		Issues: []string{
			"https://github.com/anthropics/claude-code/issues/90268",
			"https://github.com/QwenLM/qwen-code/issues/1403",
		},
		Default: Repetition{ITL: defaultRepetitionITL, Tokens: defaultRepetition},
	}
}

// Validate refuses a negative time and more tokens than can be kept.
func (p Repetition) Validate() error {
	return errors.Join(within("repetition", "tokens", p.Tokens, 1, maxRepetition),
		notNegative("repetition", "itl", p.ITL))
}

// Script sends the sentence until the output is full.
func (p Repetition) Script() fakeprovider.Script {
	return fakeprovider.Script{
		fakeprovider.Wait{For: fakeprovider.DefaultTTFT},
		fakeprovider.Text{
			Value: p.Text, ITL: cmp.Or(p.ITL, defaultRepetitionITL), Tokens: cmp.Or(p.Tokens, defaultRepetition),
		},
		fakeprovider.Finish{Reason: "length"},
	}
}
