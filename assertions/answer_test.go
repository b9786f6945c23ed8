package assertions_test

import (
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

func TestAnswer(t *testing.T) {
	judges(t,
		row{"answered from", fellBack(10), assertions.Answer{From: "secondary"}, assertions.Passed, "answered by secondary"},
		row{"answered from another", fellBack(10), assertions.Answer{From: "primary"}, assertions.Failed, "got that of secondary"},
		row{"failed where an answer is expected", failed(), assertions.Answer{}, assertions.Failed, "failed after 3s: unexpected EOF"},
		row{"of one call that was made", fellBack(10), assertions.Answer{Call: 1, From: "secondary"}, assertions.Passed, "answered by secondary"},
		row{"of one call that was answered by another", fellBack(10), assertions.Answer{Call: 1, From: "primary"}, assertions.Failed, "got that of secondary"},
		row{"of a call that was never made", fellBack(10), assertions.Answer{Call: 2}, assertions.Unknown, "call 2 was never made"},
		row{"failed as expected", failed(), assertions.Answer{Outcome: "failed"}, assertions.Passed, ""},
		row{"failed too late", failed(), assertions.Answer{Outcome: "failed", Within: time.Second}, assertions.Failed, "2s after its last request"},
		row{"failed in time", failed(), assertions.Answer{Outcome: "failed", Within: 2 * time.Second}, assertions.Passed, ""},
		row{"half a tool call", run(
			at(0, client, timeline.CallStarted, ""), at(0, first, timeline.RequestReceived, ""),
			at(1, first, timeline.ToolCallSent, `weather{"city": "Pa`), at(1, client, timeline.ToolCallReceived, `weather{"city": "Pa`),
			at(1, first, timeline.FinishSent, "tool_calls"), at(1, client, timeline.CallAnswered, ""),
		), assertions.Answer{}, assertions.Failed, "a part of a tool call of primary"},
		row{"hung", cut(60), assertions.Answer{Outcome: "failed"}, assertions.Failed, "hung"},
		row{"no restart", fellBack(10), assertions.Answer{Restarts: new(0)}, assertions.Passed, ""},
		row{"a restart too few", fellBack(10), assertions.Answer{Restarts: new(1)}, assertions.Failed, "expected 1 restart markers, got 0"},
		row{"an outcome that does not exist", healthy(), assertions.Answer{Outcome: "fine"}, assertions.Unknown, "no such outcome"},
	)
}
