package fakeprovider

import (
	"cmp"
	"errors"
	"time"
)

// PingsAfterContent begins the answer and goes on with heartbeats.
type PingsAfterContent struct {
	// After is how many tokens arrive. Default 5.
	After int `yaml:"after"`
	// Every is the time between heartbeats. Default 10s.
	Every time.Duration `yaml:"every"`
}

var (
	_ Preset    = PingsAfterContent{}
	_ Validator = PingsAfterContent{}
)

func pingsAfterContentInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"S5"}, Name: "pings-after-content",
		Title: "The answer begins, then only heartbeats follow",
		Why: "What has been shown keeps an engine from starting over lightly, and the heartbeats keep it from noticing that there is " +
			"no more.",
		Correct: "A deadline on content in the middle of the answer too, and then the policy for what has been shown.",
		Issues: []string{
			"https://github.com/NousResearch/hermes-agent/issues/103571",
			"https://github.com/NousResearch/hermes-agent/pull/73944",
		},
		Default: PingsAfterContent{After: defaultDropAfter, Every: defaultHeartbeat},
	}
}

// Validate refuses negative numbers.
func (p PingsAfterContent) Validate() error {
	return errors.Join(notFewer("pings-after-content", "after", p.After), notNegative("pings-after-content", "every", p.Every))
}

// Script sends the tokens, then heartbeats for ever.
func (p PingsAfterContent) Script() Script {
	every := cmp.Or(p.Every, defaultHeartbeat)
	return Script{
		Respond{},
		Wait{For: defaultTTFT},
		Text{Tokens: cmp.Or(p.After, defaultDropAfter), ITL: defaultITL},
		Wait{For: every},
		Repeat{Every: every, Steps: Script{Heartbeat{}}},
	}
}
