package fault

import (
	"cmp"
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// ResetMidBody resets the connection in the middle of the answer.
type ResetMidBody struct {
	// After is how many pieces of the answer arrive before. Default 5. Of a response that is not
	// streamed half of the body does.
	After int `yaml:"after"`
}

// EarlyEnd ends the response in good order in the middle of the answer.
type EarlyEnd struct {
	// After is how many pieces of the answer arrive before. Default 5. Of a response that is not
	// streamed half of the body does.
	After int `yaml:"after"`
}

var (
	_ fakeprovider.Overlay   = ResetMidBody{}
	_ fakeprovider.Step      = ResetMidBody{}
	_ fakeprovider.Validator = ResetMidBody{}
	_ fakeprovider.Overlay   = EarlyEnd{}
	_ fakeprovider.Step      = EarlyEnd{}
	_ fakeprovider.Validator = EarlyEnd{}
)

// Info describes the fault.
func (ResetMidBody) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C11"}, Name: "reset-mid-body", Title: "The connection is reset in the middle of the answer",
		Why: "The read error comes after text that was shown. Engines were seen to log it and go on as if that " +
			"had been all, so that a part is taken for the answer.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Return an error or start over; never report success.",
		},
		Issues: []string{
			"https://github.com/BerriAI/litellm/pull/33222",
			"https://github.com/anthropics/claude-code/issues/87599",
		},
		Default: ResetMidBody{After: defaultDropAfter},
	}
}

// Info describes the fault.
func (EarlyEnd) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C13"}, Name: "early-end", Title: "The response ends in good order in the middle of the answer",
		Why: "HTTP has nothing to complain about: only the missing terminal event tells that text is missing, and " +
			"the stock SDKs report no error without it.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note: "Treat a stream that ends without its terminal event as truncated: return an error " +
				"or start over.",
		},
		Issues: []string{
			"https://github.com/macanderson/stella/issues/362",
			"https://github.com/SamSaffron/term-llm/pull/955",
		},
		Default: EarlyEnd{After: defaultDropAfter},
	}
}

// Validate refuses a negative number.
func (p ResetMidBody) Validate() error { return atLeastOne("reset-mid-body", "after", p.After) }

// Validate refuses a negative number.
func (p EarlyEnd) Validate() error { return atLeastOne("early-end", "after", p.After) }

// Script breaks off a healthy answer.
func (p ResetMidBody) Script() fakeprovider.Script {
	return fakeprovider.Over(p, fakeprovider.Healthy{})
}

// Script breaks off a healthy answer.
func (p EarlyEnd) Script() fakeprovider.Script { return fakeprovider.Over(p, fakeprovider.Healthy{}) }

// Lay returns the fault itself, as a step.
func (p ResetMidBody) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Lay returns the fault itself, as a step.
func (p EarlyEnd) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play waits for the piece and resets.
func (p ResetMidBody) Play(_ context.Context, x fakeprovider.Exchange) error {
	return breakOff(x, p.After, fakeprovider.Reset)
}

// Play waits for the piece and ends.
func (p EarlyEnd) Play(_ context.Context, x fakeprovider.Exchange) error {
	return breakOff(x, p.After, fakeprovider.EOF)
}

// breakOff ends an exchange instead of sending a piece of the answer, or in the middle of a body
// that is not streamed.
func breakOff(x fakeprovider.Exchange, after int, how fakeprovider.Ending) error {
	x.Filters().Through(onContent(x, cmp.Or(after, defaultDropAfter)+1,
		func(_ fakeprovider.Frame, data []byte, _ func([]byte) error) error {
			if !x.Asked().Request.Stream {
				// Not through next: the provider has not declared its answer complete.
				if err := x.Bytes(data[:len(data)/2]); err != nil {
					return err
				}
			}
			if err := x.End(how); err != nil {
				return err
			}
			return fakeprovider.ErrEnded
		}))
	return nil
}
