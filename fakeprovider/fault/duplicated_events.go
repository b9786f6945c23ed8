package fault

import (
	"cmp"
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// DuplicatedEvents sends an event twice.
type DuplicatedEvents struct {
	// After is how many pieces of the answer arrive before the one that comes twice. Default 2.
	After int `yaml:"after"`
}

var (
	_ fakeprovider.Overlay   = DuplicatedEvents{}
	_ fakeprovider.Step      = DuplicatedEvents{}
	_ fakeprovider.Validator = DuplicatedEvents{}
)

// Info describes the fault.
func (DuplicatedEvents) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S15"}, Name: "duplicated-events",
		Title: "An event arrives twice, byte for byte",
		Why: "Something on the way has repeated it. Who adds up what comes shows a word twice, and where events have " +
			"numbers the repetition could have been seen.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.AnswerFromAny,
			Note:     "Deliver it once, or return an error if the repetition shows.",
		},
		Issues: []string{
			"https://github.com/nesquena/hermes-webui/issues/3124",
			"https://github.com/HKUDS/nanobot/issues/4038",
		},
		StreamOnly: "a body has no events",
		Default:    DuplicatedEvents{After: defaultMalformedAfter},
	}
}

// Validate refuses a negative number.
func (p DuplicatedEvents) Validate() error {
	return atLeastOne("duplicated-events", "after", p.After)
}

// Script repeats a part of a healthy answer.
func (p DuplicatedEvents) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p DuplicatedEvents) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter.
func (p DuplicatedEvents) Play(_ context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(onContent(x, cmp.Or(p.After, defaultMalformedAfter)+1,
		func(_ fakeprovider.Frame, data []byte, next func([]byte) error) error {
			return inPieces(next, data, data)
		}))
	return nil
}
