package assertions_test

import (
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

func TestAnswer(t *testing.T) {
	judges(t,
		row{
			"answered from", fellBack(10),
			assertions.Answer{From: "secondary"},
			assertions.Passed,
			"answered by secondary",
		},
		row{
			"answered from another", fellBack(10),
			assertions.Answer{From: "primary"},
			assertions.Failed,
			"got that of secondary",
		},
		row{
			"failed where an answer is expected", failed(),
			assertions.Answer{},
			assertions.Failed,
			"failed after 3s: unexpected EOF",
		},
		row{
			"of one call that was made", fellBack(10),
			assertions.Answer{Call: 1, From: "secondary"},
			assertions.Passed,
			"answered by secondary",
		},
		row{
			"of one call that was answered by another", fellBack(10),
			assertions.Answer{Call: 1, From: "primary"},
			assertions.Failed, "got that of secondary",
		},
		row{
			"of a call that was never made", fellBack(10),
			assertions.Answer{Call: 2},
			assertions.Unknown,
			"call 2 was never made",
		},
		row{
			"failed as expected", failed(),
			assertions.Answer{Outcome: assertions.Outcomes{"failed"}},
			assertions.Passed, "",
		},
		row{
			"failed too late", failed(),
			assertions.Answer{Outcome: assertions.Outcomes{"failed"}, Within: time.Second},
			assertions.Failed, "2s after its last request",
		},
		row{
			"failed in time", failed(),
			assertions.Answer{Outcome: assertions.Outcomes{"failed"}, Within: 2 * time.Second},
			assertions.Passed, "",
		},
		row{
			"one of two allowed, an error", failed(),
			assertions.Answer{Outcome: assertions.Outcomes{"answered", "failed"}},
			assertions.Passed, "failed after 3s",
		},
		row{
			"one of two allowed, an answer", healthy(),
			assertions.Answer{Outcome: assertions.Outcomes{"answered", "failed"}, From: "primary"},
			assertions.Passed,
			"answered by primary",
		},
		row{
			"an answer allowed, but that of another", healthy(),
			assertions.Answer{Outcome: assertions.Outcomes{"answered", "failed"}, From: "secondary"},
			assertions.Failed,
			"got that of primary",
		},
		row{
			"none of two allowed", cut(60),
			assertions.Answer{Outcome: assertions.Outcomes{"answered", "failed"}, From: "secondary"},
			assertions.Failed,
			"to be answered by secondary or failed, but it hung",
		},
		row{
			"an outcome twice", healthy(),
			assertions.Answer{Outcome: assertions.Outcomes{"failed", "failed"}},
			assertions.Unknown, "stands here twice",
		},
		row{
			"from beside no answer", failed(),
			assertions.Answer{Outcome: assertions.Outcomes{"failed", "hung"}, From: "primary"},
			assertions.Unknown,
			"cannot stand beside outcome failed, hung",
		},
		row{
			"pieces in another order", shuffled(),
			assertions.Answer{},
			assertions.Failed,
			"the pieces of the answer of primary in another order",
		},
		row{
			"cut by the target", cutByTarget(cut(60), 60),
			assertions.Answer{},
			assertions.Unknown,
			"the call was cut after 1m0s by the target's limits.call",
		},
		row{
			"cut by the target, where the other call is judged", cutByTarget(cut(60), 60),
			assertions.Answer{Call: 2},
			assertions.Unknown, "call 2 was never made",
		},
		row{
			"a command that says something else", talks(),
			assertions.Answer{},
			assertions.Failed,
			"printed no provider's answer, after 1 request; its last line: API call failed",
		},
		row{
			"stranded with a part of another answer", stranded(),
			assertions.Answer{From: "secondary", Restarts: new(1)},
			assertions.Passed,
			"failed after 3s: lost; nothing better was left",
		},
		row{
			"stranded with a part of the answer that is wanted", stranded(),
			assertions.Answer{From: "primary"},
			assertions.Failed, "failed after 3s: lost",
		},
		row{
			"a part of another answer, and a caller that could start over", restartable(),
			assertions.Answer{From: "secondary"},
			assertions.Failed, "failed after 3s: lost",
		},
		row{
			"half a tool call", run(
				at(0, client, timeline.CallStarted, ""), at(0, first, timeline.RequestReceived, ""),
				at(1, first, timeline.ToolCallSent, `weather{"city": "Pa`),
				at(1, client, timeline.ToolCallReceived, `weather{"city": "Pa`),
				at(1, first, timeline.FinishSent, "tool_calls"), at(1, client, timeline.CallAnswered, ""),
			),
			assertions.Answer{},
			assertions.Failed,
			`a tool call of primary whose arguments are no JSON object: "weather{\"city\":\"Pa" of primary #1, all it sent`,
		},
		row{"hung", cut(60), assertions.Answer{Outcome: assertions.Outcomes{"failed"}}, assertions.Failed, "hung"},
		row{"no restart", fellBack(10), assertions.Answer{Restarts: new(0)}, assertions.Passed, ""},
		row{
			"a restart too few", fellBack(10),
			assertions.Answer{Restarts: new(1)},
			assertions.Failed,
			"expected 1 restart markers, got 0",
		},
		row{
			"an outcome that does not exist", healthy(),
			assertions.Answer{Outcome: assertions.Outcomes{"fine"}},
			assertions.Unknown, "no such outcome",
		},
	)
}

// talks is a command that ends well and has printed an error.
func talks() timeline.Timeline {
	tl := with(without(healthy(), client, timeline.TextReceived),
		at(1, client, timeline.TextReceived, "My agent\nAPI call failed\n"))
	tl.Run.Contained = true
	return tl
}

// stranded is a call through a gateway that fails clearly after a part of the primary's answer.
func stranded() timeline.Timeline {
	tl := restartable()
	tl.Run.NoRestarts = true
	return tl
}

// restartable is stranded with a caller that could be told to start over.
func restartable() timeline.Timeline {
	return run(
		at(0, client, timeline.CallStarted, ""), at(0, first, timeline.RequestReceived, ""),
		at(1, first, timeline.TextSent, "hel"),
		at(1, client, timeline.TextReceived, "hel"), at(2, first, timeline.ConnectionCut, ""),
		at(3, client, timeline.CallFailed, "lost"),
	)
}

// shuffled is healthy with the answer's pieces in another order.
func shuffled() timeline.Timeline {
	tl := without(healthy(), client, timeline.TextReceived)
	return with(tl, at(1, client, timeline.TextReceived, "lo"), at(1, client, timeline.TextReceived, "hel"))
}

// cutBy is cutByTarget with another's limit, in a run with a deadline of two hours.
func cutBy(tl timeline.Timeline, seconds float64, by timeline.CallLimitBy, clock string) timeline.Timeline {
	tl = cutByTarget(tl, seconds)
	tl.Run.CallLimitBy, tl.Run.Clock, tl.Run.Deadline = by, clock, timeline.Seconds(2*time.Hour)
	return tl
}

// cutByTarget is a run under a target whose limits.call is some seconds.
func cutByTarget(tl timeline.Timeline, seconds float64) timeline.Timeline {
	tl.Run.CallLimit = timeline.Seconds(seconds * float64(time.Second))
	tl.Run.Deadline = timeline.Seconds(2 * time.Hour)
	return tl
}
