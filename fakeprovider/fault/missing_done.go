package fault

import (
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// MissingDone omits the protocol's terminal mark.
type MissingDone struct{}

var (
	_ fakeprovider.Overlay     = MissingDone{}
	_ fakeprovider.Step        = MissingDone{}
	_ fakeprovider.NeedsFrames = MissingDone{}
)

// Info describes the fault.
func (MissingDone) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S13"}, Name: "missing-done",
		Title: "The answer finishes, and the terminal mark does not come",
		Why: "The finish reason has said that the answer is complete. Engines that insist on the mark as well pay " +
			"for a good answer twice.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.AnswerFromAny,
			Note:     "Accept the answer if a finish reason has arrived.",
		},
		Issues: []string{
			"https://github.com/theopenco/llmgateway/pull/1901",
			"https://github.com/ltmoerdani/opencode-copilot-chat/pull/170",
		},
		StreamOnly: "a body has no events",
		Default:    MissingDone{},
	}
}

// Script shortens a healthy answer.
func (p MissingDone) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p MissingDone) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter.
func (MissingDone) Play(_ context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(func(f fakeprovider.Frame, data []byte, next func([]byte) error) error {
		if f.Kind == fakeprovider.FrameDone {
			return nil
		}
		return next(data)
	})
	return nil
}

// NeededFrames returns the terminal mark, which not every vendor has.
func (MissingDone) NeededFrames() []fakeprovider.Frame {
	return []fakeprovider.Frame{{Kind: fakeprovider.FrameDone}}
}
