package fakeprovider

import (
	"cmp"
	"errors"
	"time"
)

// Healthy answers as a provider should.
type Healthy struct {
	// Text is the answer; empty is Canary.
	Text string `yaml:"text"`
	// TTFT is the time to first token. Default 400ms.
	TTFT time.Duration `yaml:"ttft"`
	// ITL is the time between tokens. Default 20ms.
	ITL time.Duration `yaml:"itl"`
}

var (
	_ Preset    = Healthy{}
	_ Validator = Healthy{}
)

const (
	defaultTTFT = 400 * time.Millisecond
	defaultITL  = 20 * time.Millisecond
)

func healthyInfo() PresetInfo {
	return PresetInfo{
		Name:    "healthy",
		Title:   "The provider answers in full and in good time",
		Why:     "An engine must not fall back, retry or cut a stream that is all right.",
		Issues:  []string{"https://github.com/Kilo-Org/kilocode/pull/12481"},
		Default: Healthy{TTFT: defaultTTFT, ITL: defaultITL},
	}
}

// Validate refuses negative times.
func (p Healthy) Validate() error {
	return errors.Join(notNegative("healthy", "ttft", p.TTFT), notNegative("healthy", "itl", p.ITL))
}

// Script waits, answers and finishes.
func (p Healthy) Script() Script {
	return Script{
		Wait{For: cmp.Or(p.TTFT, defaultTTFT)},
		Text{Value: p.Text, ITL: cmp.Or(p.ITL, defaultITL)},
		Finish{Reason: "stop"},
	}
}
