package fault

import (
	"bytes"
	"cmp"
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// MalformedJSON breaks the JSON of one event.
type MalformedJSON struct {
	// After is how many pieces of the answer arrive as they should before the broken one. Default
	// 2. A response that is not streamed is broken whatever it is.
	After int `yaml:"after"`
}

var (
	_ fakeprovider.Overlay   = MalformedJSON{}
	_ fakeprovider.Step      = MalformedJSON{}
	_ fakeprovider.Validator = MalformedJSON{}
)

const defaultMalformedAfter = 2

// Info describes the fault.
func (MalformedJSON) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S12"}, Name: "malformed-json", Title: "One event of the stream is no JSON",
		Why: "A client that skips what it cannot read presents an answer with a hole in it; one that takes the " +
			"parser's error for a bug of its own ends the turn.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Return a typed error, and ask the next provider if nothing was shown yet.",
		},
		Issues:  []string{"https://github.com/Wei-Shaw/sub2api/issues/1471"},
		Default: MalformedJSON{After: defaultMalformedAfter},
	}
}

// Validate refuses a negative number.
func (p MalformedJSON) Validate() error { return atLeastOne("malformed-json", "after", p.After) }

// Script breaks a healthy answer.
func (p MalformedJSON) Script() fakeprovider.Script {
	return fakeprovider.Over(p, fakeprovider.Healthy{})
}

// Lay returns the fault itself, as a step.
func (p MalformedJSON) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter. The event loses its last closing brace.
func (p MalformedJSON) Play(_ context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(onContent(x, cmp.Or(p.After, defaultMalformedAfter)+1,
		func(_ fakeprovider.Frame, data []byte, next func([]byte) error) error {
			at := bytes.LastIndexByte(data, '}')
			if at < 0 { // another fault has been here
				return next(data)
			}
			return next(append(bytes.Clone(data[:at]), data[at+1:]...))
		}))
	return nil
}
