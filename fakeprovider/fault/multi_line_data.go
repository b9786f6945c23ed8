package fault

import (
	"bytes"
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// MultiLineData spreads the data of an event over several lines.
type MultiLineData struct{}

var (
	_ fakeprovider.Overlay = MultiLineData{}
	_ fakeprovider.Step    = MultiLineData{}
)

// Info describes the fault.
func (MultiLineData) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S22"}, Name: "multi-line-data",
		Title: "The data of an event comes in several data lines",
		Why: "They are one value, joined by line feeds. Parsers that take each line for an event see JSON that is " +
			"not complete.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Take the answer as it is.",
		},
		Issues:     []string{"https://github.com/numman-ali/opencode-openai-codex-auth/pull/96"},
		StreamOnly: "a body has no events",
		Default:    MultiLineData{},
	}
}

// Script changes a healthy answer.
func (p MultiLineData) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p MultiLineData) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter. Lines break before the names of the outermost members, where JSON
// allows white space.
func (MultiLineData) Play(_ context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(onEvents(func(data []byte) []byte {
		end := sse.LineEnd(data)
		between := append(bytes.Clone(end), "data: "...)
		return sse.EditJSON(data, func(text []byte) []sse.Edit {
			var edits []sse.Edit
			sse.WalkJSON(text, func(v sse.Value) bool {
				if v.Depth == 1 {
					edits = append(edits, sse.Edit{Start: v.KeyStart, End: v.KeyStart, Text: string(between)})
				}
				return v.Depth == 0
			})
			return edits
		})
	}))
	return nil
}
