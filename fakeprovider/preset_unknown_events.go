package fakeprovider

import (
	"bytes"
	"context"
)

// UnknownEvents puts events of an unknown name between the others.
type UnknownEvents struct{}

var (
	_ Overlay = UnknownEvents{}
	_ Step    = UnknownEvents{}
)

// unknownEvent is a name and a type that no vendor uses.
const unknownEvent = "x.unknown"

func unknownEventsInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"S23"}, Name: "unknown-events",
		Title: "Events of an unknown name and type stand between the others",
		Why: "Vendors add events. A client that fails over one that it does not know fails on the day that it comes, for all of its " +
			"users.",
		Correct: "Ignore it.",
		Issues: []string{
			"https://github.com/OpenRouterTeam/python-sdk/issues/266",
			"https://github.com/anthropics/anthropic-sdk-typescript/issues/749",
		},
		StreamOnly: "a body has no events",
		Default:    UnknownEvents{},
	}
}

// Script changes an answer that is all right.
func (p UnknownEvents) Script() Script { return under(p) }

// Lay arms the exchange.
func (p UnknownEvents) Lay() Script { return Script{p} }

// Play arms the exchange.
func (UnknownEvents) Play(_ context.Context, x Exchange) error {
	x.Through(onEvents(func(data []byte) []byte {
		unknown := endLines(sseEvent(unknownEvent, []byte(`{"type":"`+unknownEvent+`"}`)), string(lineEndOf(data)))
		return eachEvent(data, func(event []byte) []byte { return append(bytes.Clone(unknown), event...) })
	}))
	return nil
}
