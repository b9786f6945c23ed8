package fault

import (
	"cmp"
	"context"
	"errors"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// CutInFrame loses the connection in the middle of an event.
type CutInFrame struct {
	// After is how many pieces of the answer arrive before the broken one. Default 2. A response
	// that is not streamed breaks in its body.
	After int `yaml:"after"`
	// How is cut, reset, eof (in good order, as if that were all) or hang. Default cut.
	How fakeprovider.Ending `yaml:"how"`
}

var (
	_ fakeprovider.Overlay   = CutInFrame{}
	_ fakeprovider.Step      = CutInFrame{}
	_ fakeprovider.Validator = CutInFrame{}
	_ fakeprovider.Slicer    = CutInFrame{}
)

// Info describes the fault.
func (CutInFrame) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S10"}, Name: "cut-in-frame",
		Title: "The connection is lost inside an event",
		Why: "What is left is half a JSON text. Parsers that try to read it report their own error in place of the " +
			"connection's, and those that drop it take the answer for complete.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Treat the answer as truncated: return an error, or try again behind a restart marker.",
		},
		Issues: []string{
			"https://github.com/baiye-banned/Agent_about_answer/issues/134",
			"https://github.com/anthropics/claude-code/issues/48501",
		},
		Default: CutInFrame{After: defaultMalformedAfter, How: fakeprovider.Cut},
	}
}

// Validate refuses a negative number and an ending that does not exist.
func (p CutInFrame) Validate() error {
	return errors.Join(atLeastOne("cut-in-frame", "after", p.After),
		fakeprovider.End{How: cmp.Or(p.How, fakeprovider.Cut)}.Validate())
}

// Script breaks off a healthy answer.
func (p CutInFrame) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Slices marks an overlay that cuts or joins frames.
func (CutInFrame) Slices() {}

// Lay returns the fault itself, as a step.
func (p CutInFrame) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter.
func (p CutInFrame) Play(_ context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(onContent(x, cmp.Or(p.After, defaultMalformedAfter)+1,
		func(_ fakeprovider.Frame, data []byte, next func([]byte) error) error {
			return halfThenEnd(x, data, next, cmp.Or(p.How, fakeprovider.Cut))
		}))
	return nil
}

// halfThenEnd sends the first half of what is to be sent and ends the exchange.
func halfThenEnd(x fakeprovider.Exchange, data []byte, next func([]byte) error, how fakeprovider.Ending) error {
	if err := next(data[:(len(data)+1)/2]); err != nil {
		return err
	}
	if err := x.End(how); err != nil {
		return err
	}
	return fakeprovider.ErrEnded
}

// Words returns the words that scenario files may use.
func (CutInFrame) Words() map[string][]string {
	return map[string][]string{"how": fakeprovider.EndingNames()}
}
