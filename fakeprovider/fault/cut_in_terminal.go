package fault

import (
	"cmp"
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// CutInTerminal loses the connection inside the last frame.
type CutInTerminal struct {
	// How is cut, reset, eof or hang. Default cut.
	How fakeprovider.Ending `yaml:"how"`
}

var (
	_ fakeprovider.Overlay   = CutInTerminal{}
	_ fakeprovider.Step      = CutInTerminal{}
	_ fakeprovider.Validator = CutInTerminal{}
	_ fakeprovider.Slicer    = CutInTerminal{}
)

// Info describes the fault.
func (CutInTerminal) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S10"}, Name: "cut-in-terminal",
		Title: "The connection is lost inside the terminal frame",
		Why: "All of the answer has arrived, and its finish reason too where the vendor has a frame of its own for " +
			"that. Only the mark that says so is broken.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.AnswerFromAny,
			Note: "Treat it as complete if the finish reason has arrived, else as truncated; do not " +
				"retry in a loop.",
		},
		Issues:  []string{"https://github.com/sudoprivacy/sudocode/pull/576"},
		Default: CutInTerminal{How: fakeprovider.Cut},
	}
}

// Validate refuses an ending that does not exist.
func (p CutInTerminal) Validate() error {
	return fakeprovider.End{How: cmp.Or(p.How, fakeprovider.Cut)}.Validate()
}

// Script breaks off a healthy answer.
func (p CutInTerminal) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Slices marks an overlay that cuts or joins frames.
func (CutInTerminal) Slices() {}

// Lay returns the fault itself, as a step.
func (p CutInTerminal) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter. It keeps each frame until another follows, because only then is the
// frame known not to be the last.
func (p CutInTerminal) Play(_ context.Context, x fakeprovider.Exchange) error {
	how := cmp.Or(p.How, fakeprovider.Cut)
	var last pendingFrame
	x.Filters().Through(func(f fakeprovider.Frame, data []byte, next func([]byte) error) error {
		if err := last.pass(); err != nil {
			return err
		}
		switch f.Kind { //nolint:exhaustive // the others are no end
		case fakeprovider.FrameFinish, fakeprovider.FrameUsage:
			last = pendingFrame{data, next}
			return nil
		case fakeprovider.FrameDone:
			return halfThenEnd(x, data, next, how)
		}
		return next(data)
	})
	x.Filters().AtEnd(func() error {
		if last.next == nil {
			return nil
		}
		return halfThenEnd(x, last.data, last.next, how)
	})
	return nil
}

// pendingFrame is a frame that a filter has not passed on yet.
type pendingFrame struct {
	data []byte
	next func([]byte) error
}

// pass passes the frame on, if there is one.
func (k *pendingFrame) pass() error {
	if k.next == nil {
		return nil
	}
	gone := *k
	*k = pendingFrame{}
	return gone.next(gone.data)
}

// Words returns the words that scenario files may use.
func (CutInTerminal) Words() map[string][]string {
	return map[string][]string{"how": fakeprovider.EndingNames()}
}
