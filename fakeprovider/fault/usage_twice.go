package fault

import (
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// UsageTwice reports its usage twice.
type UsageTwice struct{}

var (
	_ fakeprovider.Overlay     = UsageTwice{}
	_ fakeprovider.Step        = UsageTwice{}
	_ fakeprovider.NeedsFrames = UsageTwice{}
)

// Info describes the fault.
func (UsageTwice) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"M7"}, Name: "usage-twice",
		Title: "The usage comes twice",
		Why: "Who adds up what comes bills the answer twice, and parsers that take the frame with the usage for the " +
			"last one are done too early.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Count it once: the last one counts.",
		},
		Issues: []string{
			"https://github.com/router-for-me/CLIProxyAPI/pull/3077",
			"https://github.com/ARahim3/mlx-dspark/issues/37",
		},
		StreamOnly: "a body has no events",
		Default:    UsageTwice{},
	}
}

// Script lengthens a healthy answer.
func (p UsageTwice) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p UsageTwice) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter. The frame that carries the usage at the end of the answer comes again.
func (UsageTwice) Play(_ context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(func(f fakeprovider.Frame, data []byte, next func([]byte) error) error {
		if (f.Kind == fakeprovider.FrameFinish || f.Kind == fakeprovider.FrameUsage ||
			f.Kind == fakeprovider.FrameDone) && hasUsage(data) {
			return inPieces(next, data, data)
		}
		return next(data)
	})
	return nil
}

// NeededFrames returns an end with a usage.
func (UsageTwice) NeededFrames() []fakeprovider.Frame {
	return []fakeprovider.Frame{
		{Kind: fakeprovider.FrameFinish}, {Kind: fakeprovider.FrameUsage}, {Kind: fakeprovider.FrameDone},
	}
}

// hasUsage reports whether a frame has a usage that is not null.
func hasUsage(data []byte) bool {
	found := false
	sse.EditJSON(data, func(text []byte) []sse.Edit {
		sse.WalkJSON(text, func(v sse.Value) bool {
			found = found || isUsage(v) && text[v.Start] == '{'
			return !found
		})
		return nil
	})
	return found
}
