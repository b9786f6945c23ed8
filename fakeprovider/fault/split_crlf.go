package fault

import (
	"bytes"
	"cmp"
	"context"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// SplitCRLF ends lines with CRLF and cuts between the two.
type SplitCRLF struct {
	// Pause is the time between the two. Default 2ms.
	Pause time.Duration `yaml:"pause"`
}

var (
	_ fakeprovider.Overlay   = SplitCRLF{}
	_ fakeprovider.Step      = SplitCRLF{}
	_ fakeprovider.Validator = SplitCRLF{}
	_ fakeprovider.Slicer    = SplitCRLF{}
)

// Info describes the fault.
func (SplitCRLF) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S11"}, Name: "split-crlf",
		Title: "Lines end in CRLF, and its two bytes arrive one after the other",
		Why: "A parser that takes the CR for the whole of a line's end finds an empty line before the LF, and with " +
			"it an event that is none.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Read it as one line end, and take the answer as it is.",
		},
		Issues: []string{
			"https://github.com/withastro/flue/pull/215",
			"https://github.com/hseeberger/akka-sse/pull/129",
		},
		StreamOnly: "a body has no events",
		Default:    SplitCRLF{Pause: defaultPause},
	}
}

// Validate refuses a negative time.
func (p SplitCRLF) Validate() error {
	return notNegative("split-crlf", "pause", p.Pause)
}

// Script cuts a healthy answer.
func (p SplitCRLF) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Slices marks an overlay that cuts or joins frames.
func (SplitCRLF) Slices() {}

// Lay returns the fault itself, as a step.
func (p SplitCRLF) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter.
func (p SplitCRLF) Play(ctx context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(func(_ fakeprovider.Frame, data []byte, next func([]byte) error) error {
		if !sse.IsEvents(data) {
			return next(data)
		}
		return withPauses(ctx, x, cmp.Or(p.Pause, defaultPause), next,
			bytes.SplitAfter(endLines(data, "\r\n"), []byte("\r")))
	})
	return nil
}

// endLines ends every line in the same way.
func endLines(data []byte, end string) []byte {
	return sse.EachLine(data, func(l sse.Line) []byte {
		if len(l.End) == 0 {
			return l.Text
		}
		return append(bytes.Clone(l.Text), end...)
	})
}
