package fault

import (
	"cmp"
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// EarlyTerminal finishes in the middle of the answer, and goes on.
type EarlyTerminal struct {
	// After is how many tokens arrive before the early end. Default 5.
	After int `yaml:"after"`
}

var (
	_ fakeprovider.Fault     = EarlyTerminal{}
	_ fakeprovider.Validator = EarlyTerminal{}
)

// Info describes the fault.
func (EarlyTerminal) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S14", "S24"}, Name: "early-terminal",
		Title: "The end comes in the middle of the answer, and the rest after it",
		Why: "Whether the rest belongs to the answer, nobody can say. Who shows it has shown an answer after its " +
			"end, and who does not has shown a part.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "End the answer at the first terminal mark, or return an error.",
		},
		Issues: []string{
			"https://github.com/Chevey339/kelivo/issues/1003",
			"https://github.com/imfangs/dify-java-client/pull/165",
		},
		StreamOnly: "a body has no events",
		Default:    EarlyTerminal{After: defaultDropAfter},
	}
}

// Validate refuses a negative number.
func (p EarlyTerminal) Validate() error {
	return atLeastOne("early-terminal", "after", p.After)
}

// Script sends the beginning, an end, the rest, and another end.
func (p EarlyTerminal) Script() fakeprovider.Script {
	return fakeprovider.Script{
		fakeprovider.Wait{For: fakeprovider.DefaultTTFT}, twoEnds{after: cmp.Or(p.After, defaultDropAfter)},
	}
}

// twoEnds sends the canary with an end in its middle.
type twoEnds struct{ after int }

// Play sends both parts.
func (s twoEnds) Play(ctx context.Context, x fakeprovider.Exchange) error {
	rest := fakeprovider.Canary(x.Asked().Provider)
	for sent := 0; rest != ""; sent++ {
		if sent == s.after {
			if err := (fakeprovider.Finish{}).Play(ctx, x); err != nil {
				return err
			}
		}
		if sent > 0 {
			if err := x.Wait(ctx, fakeprovider.DefaultITL); err != nil {
				return err
			}
		}
		var token string
		token, rest = fakeprovider.CutToken(rest)
		if err := x.Send(fakeprovider.Frame{Kind: fakeprovider.FrameText, Text: token}); err != nil {
			return err
		}
	}
	return fakeprovider.Finish{}.Play(ctx, x)
}
