package fakeprovider

import (
	"bytes"
	"context"
	"slices"
)

// NoSpaceAfterColon writes no space after the colon of a field.
type NoSpaceAfterColon struct{}

var (
	_ Overlay = NoSpaceAfterColon{}
	_ Step    = NoSpaceAfterColon{}
)

func noSpaceAfterColonInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"S22"}, Name: "no-space-after-colon",
		Title:      "Fields have no space after their colon",
		Why:        "The space is optional. Parsers that look for \"data: \" with it find nothing.",
		Correct:    "The answer as it is.",
		Issues:     []string{"https://github.com/numman-ali/opencode-openai-codex-auth/pull/96"},
		StreamOnly: "a body has no events",
		Default:    NoSpaceAfterColon{},
	}
}

// Script changes an answer that is all right.
func (p NoSpaceAfterColon) Script() Script { return under(p) }

// Lay arms the exchange.
func (p NoSpaceAfterColon) Lay() Script { return Script{p} }

// Play arms the exchange.
func (NoSpaceAfterColon) Play(_ context.Context, x Exchange) error {
	x.Through(onEvents(func(data []byte) []byte {
		return eachLine(data, func(l line) []byte {
			if name, value, ok := bytes.Cut(l.text, []byte(": ")); ok && bytes.IndexByte(name, ' ') < 0 {
				l.text = slices.Concat(name, []byte(":"), value)
			}
			return l.bytes()
		})
	}))
	return nil
}
