package fakeprovider

import "context"

// WholeAnswerForStream answers in one piece of JSON, although a stream was asked for. A request for one piece gets just that.
type WholeAnswerForStream struct{}

var (
	_ Overlay = WholeAnswerForStream{}
	_ Step    = WholeAnswerForStream{}
)

func wholeAnswerForStreamInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"H17"}, Name: "whole-answer-for-stream", Title: "A stream was asked for, and one piece of JSON comes",
		Why:     "The answer is all there, and a parser of events finds none of it: an empty answer that counts as a success.",
		Correct: "Read it for what Content-Type says it is, or an error and the next provider; never an empty answer.",
		Issues: []string{
			"https://github.com/ENTERPILOT/GoModel/pull/827", "https://github.com/ollama/ollama/issues/8991",
		},
		Default: WholeAnswerForStream{},
	}
}

// Script damages an answer that is all right.
func (p WholeAnswerForStream) Script() Script { return over(p, Healthy{}) }

// Lay starts the response anew.
func (p WholeAnswerForStream) Lay() Script { return Script{p} }

// Play starts the response anew.
func (WholeAnswerForStream) Play(_ context.Context, x Exchange) error { return x.Whole() }
