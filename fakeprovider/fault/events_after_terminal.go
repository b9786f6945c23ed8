package fault

import (
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// EventsAfterTerminal goes on after the end.
type EventsAfterTerminal struct{}

var (
	_ fakeprovider.Overlay = EventsAfterTerminal{}
	_ fakeprovider.Step    = EventsAfterTerminal{}
)

// Info describes the fault.
func (EventsAfterTerminal) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S24"}, Name: "events-after-terminal",
		Title: "A piece of the answer comes again after its end",
		Why: "The answer was complete. Who reads on shows a word too many; who has closed the turn fails over an " +
			"event without one.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Ignore all that comes after the terminal mark.",
		},
		Issues: []string{
			"https://github.com/CopilotKit/CopilotKit/pull/5885",
			"https://github.com/imfangs/dify-java-client/pull/165",
		},
		StreamOnly: "a body has no events",
		Default:    EventsAfterTerminal{},
	}
}

// Script lengthens a healthy answer.
func (p EventsAfterTerminal) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p EventsAfterTerminal) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter. The last piece comes again.
func (EventsAfterTerminal) Play(_ context.Context, x fakeprovider.Exchange) error {
	var last pendingFrame
	x.Filters().Through(func(f fakeprovider.Frame, data []byte, next func([]byte) error) error {
		if f.Kind.IsContent() {
			last = pendingFrame{data, next}
		}
		return next(data)
	})
	x.Filters().AtEnd(last.pass)
	return nil
}
