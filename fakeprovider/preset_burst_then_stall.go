package fakeprovider

import (
	"cmp"
	"errors"
	"time"
)

// BurstThenStall sends many tokens at one instant and falls silent.
type BurstThenStall struct {
	// Tokens is how many tokens arrive. Default 50.
	Tokens int `yaml:"tokens"`
	// TTFT is the time to them. Default 400ms.
	TTFT time.Duration `yaml:"ttft"`
}

var (
	_ Preset    = BurstThenStall{}
	_ Validator = BurstThenStall{}
)

const defaultBurst = 50

func burstThenStallInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"S8"}, Name: "burst-then-stall",
		Title:   "Many tokens arrive at one instant, then nothing more",
		Why:     "A limit on throughput that averages over the whole answer is fed for minutes by the burst.",
		Correct: "A deadline between tokens, and throughput over a short window.",
		Issues: []string{
			"https://github.com/anthropics/claude-code/issues/88900",
			"https://github.com/anthropics/claude-code/issues/18028",
		},
		Default: BurstThenStall{Tokens: defaultBurst, TTFT: defaultTTFT},
	}
}

// Validate refuses negative numbers.
func (p BurstThenStall) Validate() error {
	return errors.Join(notFewer("burst-then-stall", "tokens", p.Tokens), notNegative("burst-then-stall", "ttft", p.TTFT))
}

// Script sends the tokens and holds the connection.
func (p BurstThenStall) Script() Script {
	return Script{Wait{For: cmp.Or(p.TTFT, defaultTTFT)}, Text{Tokens: cmp.Or(p.Tokens, defaultBurst)}, End{How: Hang}}
}
