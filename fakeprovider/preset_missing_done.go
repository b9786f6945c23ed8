package fakeprovider

import "context"

// MissingDone leaves the protocol's terminal mark out.
type MissingDone struct{}

var (
	_ Overlay = MissingDone{}
	_ Step    = MissingDone{}
	_ Sayer   = MissingDone{}
)

func missingDoneInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"S13"}, Name: "missing-done",
		Title: "The answer finishes, and the terminal mark does not come",
		Why: "The finish reason has said that the answer is complete. Engines that insist on the mark as well pay for a good answer " +
			"twice.",
		Correct: "Accept it where a finish reason has arrived.",
		Issues: []string{
			"https://github.com/theopenco/llmgateway/pull/1901",
			"https://github.com/ltmoerdani/opencode-copilot-chat/pull/170",
		},
		StreamOnly: "a body has no events",
		Default:    MissingDone{},
	}
}

// Script shortens an answer that is all right.
func (p MissingDone) Script() Script { return under(p) }

// Lay arms the exchange.
func (p MissingDone) Lay() Script { return Script{p} }

// Play arms the exchange.
func (MissingDone) Play(_ context.Context, x Exchange) error {
	x.Through(func(f Frame, data []byte, next func([]byte) error) error {
		if f.Kind == FrameDone {
			return nil
		}
		return next(data)
	})
	return nil
}

// Says the terminal mark, which not every vendor has.
func (MissingDone) Says() []Frame { return []Frame{{Kind: FrameDone}} }
