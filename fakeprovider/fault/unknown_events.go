package fault

import (
	"bytes"
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// UnknownEvents puts events with an unknown name between the others.
type UnknownEvents struct{}

var (
	_ fakeprovider.Overlay = UnknownEvents{}
	_ fakeprovider.Step    = UnknownEvents{}
)

// unknownEvent is a name and a type that no vendor uses.
const unknownEvent = "x.unknown"

// Info describes the fault.
func (UnknownEvents) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S23"}, Name: "unknown-events",
		Title: "Events of an unknown name and type stand between the others",
		Why: "Vendors add events. A client that fails over one that it does not know fails on the day that it comes, " +
			"for all of its users.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Ignore it.",
		},
		Issues: []string{
			"https://github.com/OpenRouterTeam/python-sdk/issues/266",
			"https://github.com/anthropics/anthropic-sdk-typescript/issues/749",
		},
		StreamOnly: "a body has no events",
		Default:    UnknownEvents{},
	}
}

// Script changes a healthy answer.
func (p UnknownEvents) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p UnknownEvents) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter.
func (UnknownEvents) Play(_ context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(onEvents(func(data []byte) []byte {
		unknown := endLines(sse.Event(unknownEvent, []byte(`{"type":"`+unknownEvent+`"}`)), string(sse.LineEnd(data)))
		return sse.EachEvent(data, func(event []byte) []byte { return append(bytes.Clone(unknown), event...) })
	}))
	return nil
}
