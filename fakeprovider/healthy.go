package fakeprovider

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// Healthy answers as a provider should.
type Healthy struct {
	// Text is the answer. Default: words that name the provider (Canary).
	Text string `yaml:"text"`
	// TTFT is the time to first token. Default 400ms.
	TTFT time.Duration `yaml:"ttft"`
	// ITL is the time between tokens. Default 20ms.
	ITL time.Duration `yaml:"itl"`
}

var (
	_ Fault     = Healthy{}
	_ Validator = Healthy{}
)

const (
	// DefaultTTFT is the usual time to first token.
	DefaultTTFT = 400 * time.Millisecond
	// DefaultITL is the usual time between tokens.
	DefaultITL = 20 * time.Millisecond
)

// Info describes the fault.
func (Healthy) Info() Info {
	return Info{
		Name:  "healthy",
		Title: "The provider answers in full and in good time",
		Why:   "An engine must not fall back, retry or cut a stream that is all right.",
		Right: Right{
			Reaction: LeaveAlone,
			Note:     "Leave it alone: send one request, and do not fall back.",
		},
		Issues:  []string{"https://github.com/Kilo-Org/kilocode/pull/12481"},
		Default: Healthy{TTFT: DefaultTTFT, ITL: DefaultITL},
	}
}

// Validate refuses negative times.
func (p Healthy) Validate() error {
	var errs []error
	if p.TTFT < 0 {
		errs = append(errs, fmt.Errorf("healthy: ttft is %s, want 0 or more", p.TTFT))
	}
	if p.ITL < 0 {
		errs = append(errs, fmt.Errorf("healthy: itl is %s, want 0 or more", p.ITL))
	}
	return errors.Join(errs...)
}

// Script waits, answers and finishes.
func (p Healthy) Script() Script {
	return Script{
		Wait{For: cmp.Or(p.TTFT, DefaultTTFT)},
		Text{Value: p.Text, ITL: cmp.Or(p.ITL, DefaultITL)},
		Finish{Reason: "stop"},
	}
}
