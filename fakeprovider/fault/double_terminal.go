package fault

import (
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// DoubleTerminal finishes twice.
type DoubleTerminal struct{}

var (
	_ fakeprovider.Overlay = DoubleTerminal{}
	_ fakeprovider.Step    = DoubleTerminal{}
)

// maxTerminal bounds the bytes of the end that are kept for the repetition.
const maxTerminal = 1 << 20

// Info describes the fault.
func (DoubleTerminal) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S14", "S24"}, Name: "double-terminal",
		Title: "The finish reason and the terminal mark come twice",
		Why: "A client that acts on each of them closes what is closed, counts tokens twice or ends a turn that " +
			"has begun since.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Count the first terminal event alone.",
		},
		Issues: []string{
			"https://github.com/topcheer/ggcode/issues/1115",
			"https://github.com/Tencent/WeKnora/pull/2353",
		},
		StreamOnly: "a body has no events",
		Default:    DoubleTerminal{},
	}
}

// Script lengthens a healthy answer.
func (p DoubleTerminal) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p DoubleTerminal) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter.
func (DoubleTerminal) Play(_ context.Context, x fakeprovider.Exchange) error {
	var last []byte
	var again func([]byte) error
	x.Filters().Through(func(f fakeprovider.Frame, data []byte, next func([]byte) error) error {
		if (f.Kind == fakeprovider.FrameFinish || f.Kind == fakeprovider.FrameUsage ||
			f.Kind == fakeprovider.FrameDone) && len(last)+len(data) <= maxTerminal {
			last, again = append(last, data...), next
		}
		return next(data)
	})
	x.Filters().AtEnd(func() error {
		if again == nil {
			return nil
		}
		return again(last)
	})
	return nil
}
