package fault

import (
	"cmp"
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// ReorderedEvents swaps two neighbouring events.
type ReorderedEvents struct {
	// After is how many pieces of the answer arrive before the two. Default 2.
	After int `yaml:"after"`
}

var (
	_ fakeprovider.Overlay   = ReorderedEvents{}
	_ fakeprovider.Step      = ReorderedEvents{}
	_ fakeprovider.Validator = ReorderedEvents{}
)

// Info describes the fault.
func (ReorderedEvents) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S16"}, Name: "reordered-events",
		Title: "Two events arrive in the wrong order",
		Why: "Their numbers, where a protocol has any, tell; nobody looks at them, and the words of the answer are " +
			"shown in the order of arrival.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.AnswerFromAny,
			Note:     "Return an error, or restore the order if the events have numbers.",
		},
		Issues: []string{
			"https://github.com/nesquena/hermes-webui/issues/3124",
			"https://github.com/ENTERPILOT/GoModel/pull/953",
		},
		StreamOnly: "a body has no events",
		Default:    ReorderedEvents{After: defaultMalformedAfter},
	}
}

// Validate refuses a negative number.
func (p ReorderedEvents) Validate() error {
	return atLeastOne("reordered-events", "after", p.After)
}

// Script swaps two events of a healthy answer.
func (p ReorderedEvents) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p ReorderedEvents) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter.
func (p ReorderedEvents) Play(_ context.Context, x fakeprovider.Exchange) error {
	var late pendingFrame
	swap := onContent(x, cmp.Or(p.After, defaultMalformedAfter)+1,
		func(_ fakeprovider.Frame, data []byte, next func([]byte) error) error {
			late = pendingFrame{data, next}
			return next(nil) // it counts as sent where it belongs: what arrives is not what was said
		})
	x.Filters().Through(func(f fakeprovider.Frame, data []byte, next func([]byte) error) error {
		if late.next == nil {
			return swap(f, data, next)
		}
		if err := next(data); err != nil {
			return err
		}
		return late.pass()
	})
	x.Filters().AtEnd(late.pass)
	return nil
}
