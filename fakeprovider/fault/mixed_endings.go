package fault

import (
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// MixedEndings ends lines in LF, CRLF and CR by turns.
type MixedEndings struct{}

var (
	_ fakeprovider.Overlay = MixedEndings{}
	_ fakeprovider.Step    = MixedEndings{}
)

// Info describes the fault.
func (MixedEndings) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S22"}, Name: "mixed-endings",
		Title: "Lines end in LF, CRLF and CR by turns",
		Why: "Several writers share one stream: an upstream, a gateway that adds heartbeats, a proxy that rewrites. " +
			"Parsers that decide on one line end once are wrong on the next line.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Accept any of the line ends that the specification allows.",
		},
		Issues: []string{
			"https://github.com/Continuum-AI-Corp/OrcaRouter-Lite/pull/98",
			"https://github.com/zhu1090093659/deepseek-pp/pull/471",
		},
		StreamOnly: "a body has no events",
		Default:    MixedEndings{},
	}
}

// Script changes a healthy answer.
func (p MixedEndings) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p MixedEndings) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter. All lines of an event end alike, because a CR before a line that
// begins with LF would be one line end.
func (MixedEndings) Play(_ context.Context, x fakeprovider.Exchange) error {
	turn := 0
	x.Filters().Through(onEvents(func(data []byte) []byte {
		return sse.EachEvent(data, func(event []byte) []byte {
			turn++
			return endLines(event, [...]string{"\r", "\n", "\r\n"}[turn%3])
		})
	}))
	return nil
}
