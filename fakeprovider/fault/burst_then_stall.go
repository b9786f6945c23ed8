package fault

import (
	"cmp"
	"errors"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// BurstThenStall sends many tokens at one instant and falls silent.
type BurstThenStall struct {
	// Tokens is how many tokens arrive. Default 50.
	Tokens int `yaml:"tokens"`
	// TTFT is the time to them. Default 400ms.
	TTFT time.Duration `yaml:"ttft"`
}

var (
	_ fakeprovider.Fault     = BurstThenStall{}
	_ fakeprovider.Validator = BurstThenStall{}
)

const defaultBurst = 50

// Info describes the fault.
func (BurstThenStall) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S8"}, Name: "burst-then-stall",
		Title: "Many tokens arrive at one instant, then nothing more",
		Why:   "A limit on throughput that averages over the whole answer is fed for minutes by the burst.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Set a deadline between tokens, and bound the throughput over a short window.",
		},
		Issues: []string{
			"https://github.com/anthropics/claude-code/issues/88900",
			"https://github.com/anthropics/claude-code/issues/18028",
		},
		Default: BurstThenStall{Tokens: defaultBurst, TTFT: fakeprovider.DefaultTTFT},
	}
}

// Validate refuses negative numbers.
func (p BurstThenStall) Validate() error {
	return errors.Join(atLeastOne("burst-then-stall", "tokens", p.Tokens),
		notNegative("burst-then-stall", "ttft", p.TTFT))
}

// Script sends the tokens and holds the connection.
func (p BurstThenStall) Script() fakeprovider.Script {
	return fakeprovider.Script{
		fakeprovider.Wait{For: cmp.Or(p.TTFT, fakeprovider.DefaultTTFT)},
		fakeprovider.Text{Tokens: cmp.Or(p.Tokens, defaultBurst)},
		fakeprovider.End{How: fakeprovider.Hang},
	}
}
