package fault

import (
	"cmp"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// ThinkingOnly sends reasoning and never an answer.
type ThinkingOnly struct {
	// Every is the time between pieces. Default 500ms.
	Every time.Duration `yaml:"every"`
}

var (
	_ fakeprovider.Fault       = ThinkingOnly{}
	_ fakeprovider.Validator   = ThinkingOnly{}
	_ fakeprovider.NeedsFrames = ThinkingOnly{}
)

const defaultThought = 500 * time.Millisecond

// thoughts bounds the pieces, which last most of six days by default. Encoders keep the reasoning
// until it is over, so it has to end.
const thoughts = 1 << 20

// Info describes the fault.
func (ThinkingOnly) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S4"}, Name: "thinking-only",
		Title: "Reasoning arrives without end, and no answer",
		Why: "Reasoning is progress for as long as it leads somewhere. Who counts it for ever waits for ever, and " +
			"who never counts it gives up models that think for minutes before they speak.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FailClearly, Whole: fakeprovider.FallBack,
			Note: "Set a limit that says whether reasoning counts, and for how long.",
			Because: "long thinking is left alone, because it cannot be told from thinking that will end: the call's " +
				"deadline ends it",
		},
		Issues:  []string{"https://github.com/coleam00/Archon/issues/2896"},
		Default: ThinkingOnly{Every: defaultThought},
	}
}

// Validate refuses a negative time.
func (p ThinkingOnly) Validate() error {
	return notNegative("thinking-only", "every", p.Every)
}

// Script sends reasoning without end.
func (p ThinkingOnly) Script() fakeprovider.Script {
	piece := fakeprovider.SendFrame{Kind: fakeprovider.FrameThinking.String(), Text: " hmm"}
	return fakeprovider.Script{
		fakeprovider.Respond{},
		fakeprovider.Repeat{Times: thoughts, Every: cmp.Or(p.Every, defaultThought), Steps: fakeprovider.Script{piece}},
		fakeprovider.End{How: fakeprovider.Hang},
	}
}

// NeededFrames returns reasoning, which not every vendor shows.
func (ThinkingOnly) NeededFrames() []fakeprovider.Frame {
	return []fakeprovider.Frame{{Kind: fakeprovider.FrameThinking, Text: " hmm"}}
}
