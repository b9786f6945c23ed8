package fakeprovider

import (
	"bytes"
	"context"
)

// MultiLineData spreads the data of an event over several lines.
type MultiLineData struct{}

var (
	_ Overlay = MultiLineData{}
	_ Step    = MultiLineData{}
)

func multiLineDataInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"S22"}, Name: "multi-line-data",
		Title:      "The data of an event comes in several data lines",
		Why:        "They are one value, joined by line feeds. Parsers that take each line for an event see JSON that is not complete.",
		Correct:    "The answer as it is.",
		Issues:     []string{"https://github.com/numman-ali/opencode-openai-codex-auth/pull/96"},
		StreamOnly: "a body has no events",
		Default:    MultiLineData{},
	}
}

// Script changes an answer that is all right.
func (p MultiLineData) Script() Script { return under(p) }

// Lay arms the exchange.
func (p MultiLineData) Lay() Script { return Script{p} }

// Play arms the exchange. Lines break before the names of the outermost members, where white space means nothing.
func (MultiLineData) Play(_ context.Context, x Exchange) error {
	x.Through(onEvents(func(data []byte) []byte {
		end := lineEndOf(data)
		between := append(bytes.Clone(end), "data: "...)
		return editJSON(data, func(text []byte) []edit {
			var edits []edit
			walkJSON(text, func(v jsonValue) bool {
				if v.depth == 1 {
					edits = append(edits, edit{v.keyStart, v.keyStart, string(between)})
				}
				return v.depth == 0
			})
			return edits
		})
	}))
	return nil
}
