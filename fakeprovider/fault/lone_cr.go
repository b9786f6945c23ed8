package fault

import (
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// LoneCR ends lines with CR alone.
type LoneCR struct{}

var (
	_ fakeprovider.Overlay = LoneCR{}
	_ fakeprovider.Step    = LoneCR{}
)

// Info describes the fault.
func (LoneCR) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S22"}, Name: "lone-cr",
		Title: "Lines end in CR alone",
		Why: "It is the third line end of the specification and the one that nobody sends, so that readers of lines " +
			"take the whole stream for one line.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note: "Accept any line end that the specification allows: a stream without an event is no " +
				"empty answer.",
		},
		Issues: []string{
			"https://github.com/a2aproject/a2a-js/issues/714",
			"https://github.com/hey-api/hey-api/pull/3055",
		},
		StreamOnly: "a body has no events",
		Default:    LoneCR{},
	}
}

// Script changes a healthy answer.
func (p LoneCR) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p LoneCR) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter.
func (LoneCR) Play(_ context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(onEvents(func(data []byte) []byte { return endLines(data, "\r") }))
	return nil
}
