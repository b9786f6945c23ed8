package fault

import (
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// CRLF ends lines in CRLF, or in LF where the vendor's own lines end in CRLF.
type CRLF struct{}

var (
	_ fakeprovider.Overlay = CRLF{}
	_ fakeprovider.Step    = CRLF{}
)

// Info describes the fault.
func (CRLF) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S22"}, Name: "crlf",
		Title: "Lines end in CRLF, or in LF where the vendor's own end in CRLF",
		Why: "Parsers that look for two LFs in a row find no event in a stream of CRLFs, gather all of it and show " +
			"nothing.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Accept any of the line ends that the specification allows.",
		},
		Issues: []string{
			"https://github.com/hey-api/hey-api/issues/3054",
			"https://github.com/Continuum-AI-Corp/OrcaRouter-Lite/pull/98",
			"https://github.com/miruamel/xuan/issues/194",
		},
		StreamOnly: "a body has no events",
		Default:    CRLF{},
	}
}

// Script changes a healthy answer.
func (p CRLF) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p CRLF) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter.
func (CRLF) Play(_ context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(onEvents(func(data []byte) []byte {
		if string(sse.LineEnd(data)) == "\r\n" {
			return endLines(data, "\n")
		}
		return endLines(data, "\r\n")
	}))
	return nil
}
