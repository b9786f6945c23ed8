package fault

import (
	"bytes"
	"context"
	"slices"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// NoSpaceAfterColon writes no space after the colon of a field.
type NoSpaceAfterColon struct{}

var (
	_ fakeprovider.Overlay = NoSpaceAfterColon{}
	_ fakeprovider.Step    = NoSpaceAfterColon{}
)

// Info describes the fault.
func (NoSpaceAfterColon) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S22"}, Name: "no-space-after-colon",
		Title: "Fields have no space after their colon",
		Why:   "The space is optional. Parsers that look for \"data: \" with it find nothing.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Take the answer as it is.",
		},
		Issues:     []string{"https://github.com/numman-ali/opencode-openai-codex-auth/pull/96"},
		StreamOnly: "a body has no events",
		Default:    NoSpaceAfterColon{},
	}
}

// Script changes a healthy answer.
func (p NoSpaceAfterColon) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p NoSpaceAfterColon) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter.
func (NoSpaceAfterColon) Play(_ context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(onEvents(func(data []byte) []byte {
		return sse.EachLine(data, func(l sse.Line) []byte {
			if name, value, ok := bytes.Cut(l.Text, []byte(": ")); ok && bytes.IndexByte(name, ' ') < 0 {
				l.Text = slices.Concat(name, []byte(":"), value)
			}
			return l.Bytes()
		})
	}))
	return nil
}
