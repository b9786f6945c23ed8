package fault

import (
	"bytes"
	"context"
	"slices"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// CommentsBetween puts comments between events and into them.
type CommentsBetween struct{}

var (
	_ fakeprovider.Overlay = CommentsBetween{}
	_ fakeprovider.Step    = CommentsBetween{}
)

// Info describes the fault.
func (CommentsBetween) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S23"}, Name: "comments-between",
		Title: "Comments stand between the events and inside of them",
		Why: "A comment is no event and no part of one. Parsers have taken it for the data, for the end of an " +
			"event, and for JSON.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Take the answer as it is.",
		},
		Issues: []string{
			"https://github.com/docker/docker-agent/issues/2349",
			"https://github.com/jeanhua/AniaBot/pull/12",
			"https://github.com/mnfst/llm-gateway/issues/2053",
		},
		StreamOnly: "a body has no events",
		Default:    CommentsBetween{},
	}
}

// Script changes a healthy answer.
func (p CommentsBetween) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p CommentsBetween) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter.
func (CommentsBetween) Play(_ context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(onEvents(func(data []byte) []byte {
		end := sse.LineEnd(data)
		inside := append([]byte(": "+defaultComment), end...)
		between := append(bytes.Clone(inside), end...)
		return sse.EachEvent(data, func(event []byte) []byte {
			first := sse.Lines(event)[0].Bytes()
			return slices.Concat(between, first, inside, event[len(first):])
		})
	}))
	return nil
}
