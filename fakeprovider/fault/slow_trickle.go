package fault

import (
	"cmp"
	"math"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// SlowTrickle sends one token at a time, far too slowly, and never ends.
type SlowTrickle struct {
	// Every is the time between tokens. Default 1s: 0.8 to 1.6 tokens a second were measured where
	// 143 to 269 are usual.
	Every time.Duration `yaml:"every"`
}

var (
	_ fakeprovider.Fault     = SlowTrickle{}
	_ fakeprovider.Validator = SlowTrickle{}
)

const defaultTrickle = time.Second

// Info describes the fault.
func (SlowTrickle) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs:   []string{"S6"},
		Name:  "slow-trickle",
		Title: "Tokens arrive one at a time, slowly, and never end",
		Why:   "Every token resets an idle timer, so only a limit on throughput or on the whole call ends it.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FailClearly, Whole: fakeprovider.FallBack,
			Note: "Leave it alone until the call's deadline, and then return a clear error.",
			Because: "a token each second is slow, and no sign that the next provider would be faster: the call's " +
				"deadline ends it",
		},
		Issues: []string{
			"https://github.com/maximhq/bifrost/issues/6472", "https://github.com/pipecat-ai/pipecat/issues/5804",
		},
		Default: SlowTrickle{Every: defaultTrickle},
	}
}

// Validate refuses a negative time.
func (p SlowTrickle) Validate() error { return notNegative("slow-trickle", "every", p.Every) }

// Script sends the first token at once, and then one token per Every.
func (p SlowTrickle) Script() fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Text{ITL: cmp.Or(p.Every, defaultTrickle), Tokens: math.MaxInt}}
}
