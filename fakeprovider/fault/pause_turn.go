package fault

import (
	"cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// PauseTurn pauses in the middle of its answer.
type PauseTurn struct {
	// After is how many tokens arrive before. Default 5.
	After int `yaml:"after"`
}

var (
	_ fakeprovider.Fault       = PauseTurn{}
	_ fakeprovider.Validator   = PauseTurn{}
	_ fakeprovider.NeedsFrames = PauseTurn{}
)

// Info describes the fault.
func (PauseTurn) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"M4"}, Name: "pause-turn",
		Title: "The vendor pauses the turn and wants to be asked to go on",
		Why: "It is neither an end nor a failure: the same conversation has to be sent again, with what has come so " +
			"far. Taken for stop, a part is the answer.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Continue the turn, or tell the caller that the answer is not complete.",
		},
		Issues: []string{
			"https://github.com/tetsuo-ai/agenc-core/issues/2111",
			"https://github.com/anthropics/anthropic-sdk-csharp/issues/230",
			"https://github.com/vellum-ai/vellum-assistant/issues/40145",
		},
		Default: PauseTurn{After: defaultDropAfter},
	}
}

// Validate refuses a negative number.
func (p PauseTurn) Validate() error {
	return atLeastOne("pause-turn", "after", p.After)
}

// Script sends the tokens and pauses.
func (p PauseTurn) Script() fakeprovider.Script {
	return fakeprovider.Script{
		fakeprovider.Wait{For: fakeprovider.DefaultTTFT},
		fakeprovider.Text{Tokens: cmp.Or(p.After, defaultDropAfter), ITL: fakeprovider.DefaultITL},
		fakeprovider.Finish{Reason: fakeprovider.ReasonPause},
	}
}

// NeededFrames returns a pause, which not every vendor has a word for.
func (PauseTurn) NeededFrames() []fakeprovider.Frame {
	return []fakeprovider.Frame{{Kind: fakeprovider.FrameFinish, Text: fakeprovider.ReasonPause}}
}
