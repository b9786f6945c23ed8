package fault

import (
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// WholeAnswerForStream answers with one JSON document where a stream was asked for. A request
// without a stream gets its usual answer.
type WholeAnswerForStream struct{}

var (
	_ fakeprovider.Overlay = WholeAnswerForStream{}
	_ fakeprovider.Step    = WholeAnswerForStream{}
)

// Info describes the fault.
func (WholeAnswerForStream) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H17"}, Name: "whole-answer-for-stream",
		Title: "A stream was asked for, and one piece of JSON comes",
		Why: "The answer is all there, and a parser of events finds none of it: an empty answer that counts as a " +
			"success.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.AnswerFromAny,
			Note: "Read it as what Content-Type says it is, or ask the next provider; never return an " +
				"empty answer.",
		},
		Issues: []string{
			"https://github.com/ENTERPILOT/GoModel/pull/827", "https://github.com/ollama/ollama/issues/8991",
		},
		Default: WholeAnswerForStream{},
	}
}

// Script damages a healthy answer.
func (p WholeAnswerForStream) Script() fakeprovider.Script {
	return fakeprovider.Over(p, fakeprovider.Healthy{})
}

// Lay returns the fault itself, as a step.
func (p WholeAnswerForStream) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play turns the response into one that is not streamed.
func (WholeAnswerForStream) Play(_ context.Context, x fakeprovider.Exchange) error {
	return fakeprovider.Whole(x)
}
