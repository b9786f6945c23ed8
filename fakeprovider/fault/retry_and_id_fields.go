package fault

import (
	"context"
	"fmt"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// RetryAndIDFields gives events an id and a time to reconnect.
type RetryAndIDFields struct{}

var (
	_ fakeprovider.Overlay = RetryAndIDFields{}
	_ fakeprovider.Step    = RetryAndIDFields{}
)

// Info describes the fault.
func (RetryAndIDFields) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S22"}, Name: "retry-and-id-fields",
		Title: "Events carry the fields id and retry",
		Why: "Both are fields of the specification that no vendor sends and gateways do. Parsers that expect data " +
			"first fail, and one dispatches an event for each empty line once it has seen an id.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Take the answer as it is.",
		},
		Issues:     []string{"https://github.com/theopenco/llmgateway/pull/2334"},
		StreamOnly: "a body has no events",
		Default:    RetryAndIDFields{},
	}
}

// Script changes a healthy answer.
func (p RetryAndIDFields) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p RetryAndIDFields) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter.
func (RetryAndIDFields) Play(_ context.Context, x fakeprovider.Exchange) error {
	n := 0
	x.Filters().Through(onEvents(func(data []byte) []byte {
		return sse.EachEvent(data, func(event []byte) []byte {
			n++
			end := sse.LineEnd(event)
			return append(fmt.Appendf(nil, "id: %d%sretry: 3000%s", n, end, end), event...)
		})
	}))
	return nil
}
