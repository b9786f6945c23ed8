package fakeprovider

import (
	"cmp"
	"context"
)

// DuplicatedEvents sends an event twice.
type DuplicatedEvents struct {
	// After is how many pieces of the answer arrive before the one that comes twice. Default 2.
	After int `yaml:"after"`
}

var (
	_ Overlay   = DuplicatedEvents{}
	_ Step      = DuplicatedEvents{}
	_ Validator = DuplicatedEvents{}
)

func duplicatedEventsInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"S15"}, Name: "duplicated-events",
		Title: "An event arrives twice, byte for byte",
		Why: "Something on the way has repeated it. Who adds up what comes shows a word twice, and where events have numbers the " +
			"repetition could have been seen.",
		Correct: "Once, or an error where the repetition shows.",
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
	return notFewer("duplicated-events", "after", p.After)
}

// Script repeats a part of an answer that is all right.
func (p DuplicatedEvents) Script() Script { return under(p) }

// Lay arms the exchange.
func (p DuplicatedEvents) Lay() Script { return Script{p} }

// Play arms the exchange.
func (p DuplicatedEvents) Play(_ context.Context, x Exchange) error {
	x.Through(onContent(x, cmp.Or(p.After, defaultMalformedAfter)+1, func(_ Frame, data []byte, next func([]byte) error) error {
		return inPieces(next, data, data)
	}))
	return nil
}
