package fault

import (
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// BOM begins with a byte order mark.
type BOM struct{}

var (
	_ fakeprovider.Overlay = BOM{}
	_ fakeprovider.Step    = BOM{}
)

// Info describes the fault.
func (BOM) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S22"}, Name: "bom",
		Title: "The body begins with a byte order mark",
		Why: "The specification has it ignored. A parser that does not know this loses the first event, or the whole " +
			"body where that is JSON.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone, Whole: fakeprovider.AnswerFromAny,
			Note: "Ignore it before a stream of events, and return an error if it is not understood " +
				"elsewhere.",
		},
		Issues: []string{
			"https://github.com/whatwg/html/issues/4411",
			"https://github.com/hey-api/hey-api/issues/3054",
		},
		Default: BOM{},
	}
}

// Script changes a healthy answer.
func (p BOM) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p BOM) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter.
func (BOM) Play(_ context.Context, x fakeprovider.Exchange) error {
	begun := false
	x.Filters().Through(func(_ fakeprovider.Frame, data []byte, next func([]byte) error) error {
		if !begun {
			begun = true
			data = append([]byte(sse.ByteOrderMark), data...)
		}
		return next(data)
	})
	return nil
}
