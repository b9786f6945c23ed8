package scenarios

import (
	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/timeline"
)

// Right returns the expectations for an engine that handles the fault of OfFault correctly.
func Right(right fakeprovider.Right, streamed bool) []Expect {
	answer, once := assertions.Answer{}, right.Once
	var more []assertions.Expectation
	switch right.For(streamed) {
	case fakeprovider.LeaveAlone:
		answer.From, answer.Restarts, once = primary, new(0), true
		more = append(more, assertions.NoFallback{})
	case fakeprovider.FallBack:
		answer.From = secondary
	case fakeprovider.FailClearly:
		answer.Outcome = assertions.Outcomes{timeline.FailedClearly.String()}
	case fakeprovider.AnswerFromAny:
	}
	if once {
		more = append(more, assertions.Attempts{primary: {Max: new(1)}})
	}
	all := append([]assertions.Expectation{answer}, more...)
	return Expecting(append(all, assertions.NoLeaks{})...)
}
