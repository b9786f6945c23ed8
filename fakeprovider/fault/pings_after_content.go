package fault

import (
	"cmp"
	"errors"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// PingsAfterContent begins the answer and goes on with heartbeats.
type PingsAfterContent struct {
	// After is how many tokens arrive. Default 5.
	After int `yaml:"after"`
	// Every is the time between heartbeats. Default 10s.
	Every time.Duration `yaml:"every"`
}

var (
	_ fakeprovider.Fault     = PingsAfterContent{}
	_ fakeprovider.Paced     = PingsAfterContent{}
	_ fakeprovider.Validator = PingsAfterContent{}
)

// Info describes the fault.
func (PingsAfterContent) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S5"}, Name: "pings-after-content",
		Title: "The answer begins, then only heartbeats follow",
		Why: "What has been shown keeps an engine from starting over lightly, and the heartbeats keep it from " +
			"noticing that there is no more.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note: "Set a deadline on content in the middle of an answer too, then do as after any " +
				"broken answer.",
		},
		Issues: []string{
			"https://github.com/NousResearch/hermes-agent/issues/103571",
			"https://github.com/NousResearch/hermes-agent/pull/73944",
		},
		Default: PingsAfterContent{After: defaultDropAfter, Every: defaultHeartbeat},
	}
}

// Validate refuses negative numbers.
func (p PingsAfterContent) Validate() error {
	return errors.Join(atLeastOne("pings-after-content", "after", p.After),
		notNegative("pings-after-content", "every", p.Every))
}

// Pace returns the pause between heartbeats.
func (p PingsAfterContent) Pace() time.Duration { return cmp.Or(p.Every, defaultHeartbeat) }

// WithPace returns the fault with pauses of d at most.
func (p PingsAfterContent) WithPace(d time.Duration) fakeprovider.Fault {
	p.Every = min(p.Pace(), d)
	return p
}

// Script sends the tokens, then heartbeats without end.
func (p PingsAfterContent) Script() fakeprovider.Script {
	every := cmp.Or(p.Every, defaultHeartbeat)
	return fakeprovider.Script{
		fakeprovider.Respond{},
		fakeprovider.Wait{For: fakeprovider.DefaultTTFT},
		fakeprovider.Text{Tokens: cmp.Or(p.After, defaultDropAfter), ITL: fakeprovider.DefaultITL},
		fakeprovider.Wait{For: every},
		fakeprovider.Repeat{Every: every, Steps: fakeprovider.Script{fakeprovider.Heartbeat{}}},
	}
}
