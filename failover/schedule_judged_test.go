package failover_test

import (
	"context"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/failover"
)

// called is a tool call of the answer that a request of p0 gives, at its place.
func called(request, place, of string) failover.ToolCall {
	return failover.ToolCall{
		ID: "call_p0_" + request + "_" + place, Name: toolNames[0],
		Arguments: `{"of":"[p0 ` + request + " " + place + " " + of + `]"}`,
	}
}

// The judge sees each kind of violation, and none where there is none.
func TestJudge(t *testing.T) {
	t.Parallel()
	const (
		whole   = "[p0 1 0 5][p0 1 1 5][p0 1 2 5][p0 1 3 5][p0 1 4 5]"
		part    = "[p0 1 0 5]"
		sayOne  = "[p0 1 0 2]" // and a call behind it
		sayOne3 = "[p0 1 0 3]" // and two
	)
	from := failover.Answer{Provider: "p0"}
	can := schedule{Providers: []plan{{Requests: []fault{{Kind: "healthy"}}}}}
	lost := &failover.CallError{Err: failover.ErrChainExhausted}
	// answers is a result whose label is right.
	calling := func(text string, calls ...failover.ToolCall) result {
		return result{text: text, calls: calls, answer: failover.Answer{Provider: "p0", ToolCalls: calls}}
	}
	half, unknown, other := called("1", "1", "2"), called("1", "1", "2"), called("1", "1", "2")
	half.Arguments, unknown.Name, other.ID = `{"of":"[p0 1`, unknownTool, "call_p1_2_1"
	both := called("1", "1", "2")
	both.Arguments = half.Arguments + called("2", "1", "2").Arguments
	unlabelled := calling(sayOne, called("1", "1", "2"))
	unlabelled.answer.ToolCalls = nil
	for name, row := range map[string]struct {
		turn turn
		r    result
		want failover.Violation
	}{
		"the whole answer":      {turn{}, result{text: whole, answer: from}, ""},
		"an error after a part": {turn{}, result{text: part, err: lost}, ""},
		"too late": {
			turn{}, result{text: whole, answer: from, took: patience + 1}, failover.ViolationHung,
		},
		"the caller lost patience": {turn{}, result{err: context.DeadlineExceeded}, failover.ViolationHung},
		"a part":                   {turn{}, result{text: part, answer: from}, failover.ViolationTruncated},
		"a part that says so": {
			turn{}, result{text: part, answer: failover.Answer{Provider: "p0", Finish: "MAX_TOKENS"}}, "",
		},
		"nothing": {turn{}, result{answer: from}, failover.ViolationTruncated},
		"nothing, that says so": {
			turn{}, result{answer: failover.Answer{Provider: "p0", Finish: "length"}}, failover.ViolationTruncated,
		},
		"two answers": {
			turn{}, result{text: "[p0 1 0 5][p1 2 1 5]", answer: from}, failover.ViolationSpliced,
		},
		"two attempts": {
			turn{}, result{text: "[p0 1 0 5][p0 2 1 5]", err: lost}, failover.ViolationSpliced,
		},
		"without its beginning": {
			turn{}, result{text: "[p0 1 1 5][p0 1 2 5]", answer: from}, failover.ViolationSpliced,
		},
		"and more behind it": {
			turn{}, result{text: whole + "[p0 1 99 0]", answer: from}, failover.ViolationSpliced,
		},
		"another one's name": {
			turn{}, result{text: whole, answer: failover.Answer{Provider: "p1"}}, failover.ViolationSpliced,
		},
		"a token twice":         {turn{}, result{text: part + part, answer: from}, failover.ViolationDuplicated},
		"the answer twice":      {turn{}, result{text: whole + whole, answer: from}, failover.ViolationDuplicated},
		"in vain":               {turn{Restarts: true}, result{err: lost}, failover.ViolationFailed},
		"in vain, not streamed": {turn{Whole: true}, result{err: lost}, failover.ViolationFailed},
		"the caller left":       {turn{Leaves: time.Minute}, result{err: context.Canceled, took: time.Minute}, ""},
		"the caller left, in vain": {
			turn{Leaves: time.Minute}, result{err: context.Canceled, took: time.Minute + 1}, failover.ViolationHung,
		},
		"the caller was called away": {
			turn{Leaves: time.Minute}, result{err: lost, took: time.Minute}, failover.ViolationHung,
		},

		"a call": {turn{Tools: true}, calling(sayOne, called("1", "1", "2")), ""},
		"two calls alone": {
			turn{Tools: true}, calling("", called("1", "0", "2"), called("1", "1", "2")), "",
		},
		"half a call, and an error": {
			turn{Tools: true}, result{text: sayOne, calls: []failover.ToolCall{half}, err: lost}, "",
		},
		"half a call": {turn{Tools: true}, calling(sayOne, half), failover.ViolationTruncated},
		"half a call behind a whole one": {turn{Tools: true}, calling(sayOne3, called("1", "1", "3"), failover.ToolCall{
			ID: "call_p0_1_2", Name: toolNames[1], Arguments: `{"of"`,
		}), failover.ViolationTruncated},
		"one call of two": {
			turn{Tools: true}, calling(sayOne3, called("1", "1", "3")), failover.ViolationTruncated,
		},
		"the text without its call": {turn{Tools: true}, calling(sayOne), failover.ViolationTruncated},
		"an unknown tool":           {turn{Tools: true}, calling(sayOne, unknown), failover.ViolationTruncated},
		"a tool that nobody named":  {turn{}, calling(sayOne, unknown), ""},
		"a call twice": {
			turn{Tools: true},
			calling(sayOne, called("1", "1", "2"), called("1", "1", "2")),
			failover.ViolationDuplicated,
		},
		"a call twice, by its id": {
			turn{Tools: true}, result{calls: []failover.ToolCall{half, half}, err: lost}, failover.ViolationDuplicated,
		},
		"another one's call": {
			turn{Tools: true}, calling(sayOne, called("2", "1", "2")), failover.ViolationSpliced,
		},
		"another one's id":             {turn{Tools: true}, calling(sayOne, other), failover.ViolationSpliced},
		"another one's half of a call": {turn{Tools: true}, calling(sayOne, both), failover.ViolationSpliced},
		"calls that nobody delivered":  {turn{Tools: true}, unlabelled, failover.ViolationSpliced},
		"a prefill that was not dropped": {
			turn{Prefill: true},
			result{text: whole, answer: failover.Answer{Provider: "p0", PrefillDropped: true}},
			failover.ViolationSpliced,
		},
		"no prefill that was dropped": {
			turn{},
			result{text: whole, answer: failover.Answer{Provider: "p0", PrefillDropped: true}},
			failover.ViolationSpliced,
		},
	} {
		if got := judge(can, row.turn, row.r); got != row.want {
			t.Errorf("%s: got %q, want %q", name, got, row.want)
		}
	}
}

// What an engine may do to its callers beyond what a knob can make it do.
var tampering = map[string]struct {
	with func(next func(failover.Delta)) func(failover.Delta)
	want failover.Violation
}{
	"no restart is told": {func(next func(failover.Delta)) func(failover.Delta) {
		return func(d failover.Delta) {
			if d.Kind != failover.DeltaRestart {
				next(d)
			}
		}
	}, failover.ViolationSpliced},
	"a call is given twice": {func(next func(failover.Delta)) func(failover.Delta) {
		return func(d failover.Delta) {
			next(d)
			if d.Kind == failover.DeltaToolCall {
				d.Tool.Index += 8
				next(d)
			}
		}
	}, failover.ViolationDuplicated},
	"arguments are lost": {func(next func(failover.Delta)) func(failover.Delta) {
		return func(d failover.Delta) {
			if d.Tool.Arguments == "" {
				next(d)
			}
		}
	}, failover.ViolationTruncated},
	"all calls are one": {func(next func(failover.Delta)) func(failover.Delta) {
		return func(d failover.Delta) {
			d.Tool.Index = 0
			next(d)
		}
	}, failover.ViolationTruncated},
}

// What becomes of deltas between the engine and its caller is found out too, that of tool calls
// like that of texts.
func TestSchedulesFindWrongDeltas(t *testing.T) {
	t.Parallel()
	for name, row := range tampering {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, kinds := bites(t, policy(t, "recommended"), 100, 1, []failover.Violation{row.want}, row.with)
			if kinds[row.want] == 0 {
				t.Errorf("got %v, want some that are %s", kinds, row.want)
			}
		})
	}
}
