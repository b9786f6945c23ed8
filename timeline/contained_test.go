package timeline

import (
	"testing"
	"time"
)

// output returns a run of a command that printed pieces, one per second, and then ended.
func output(ending Kind, pieces ...string) Timeline {
	t := Timeline{Run: Run{Contained: true, Providers: []Provider{{Name: "a"}, {Name: "b"}}}}
	add := func(at int, lane string, kind Kind, text string) {
		t.Events = append(t.Events, Event{
			At: time.Duration(at) * time.Second, Lane: lane, Kind: kind, Text: text, Seq: len(t.Events) + 1,
		})
	}
	add(-9, ClientLane(1), CallStarted, "hi")
	a, b := ProviderLane("a", 1, 1), ProviderLane("b", 1, 1)
	add(0, a, RequestReceived, "")
	add(0, a, TextSent, "Hello, this is the answer that a ") // and no end
	add(0, b, RequestReceived, "")
	add(0, b, TextSent, "Hello, this is ")
	add(0, b, TextSent, "the answer that b gave.")
	add(0, b, FinishSent, "stop")
	for i, piece := range pieces {
		add(i+1, ClientLane(1), TextReceived, piece)
	}
	add(len(pieces)+1, ClientLane(1), ending, "exit code 1")
	return t
}

func TestContained(t *testing.T) {
	const whole = "Hello, this is the\n  answer that b gave."
	for _, tt := range []struct {
		name    string
		run     Timeline
		outcome Outcome
		from    string
		first   time.Duration
	}{
		{"between banners", output(CallAnswered, "agent 1.0\n", whole, "\nbye"), Answered, "b", 2 * time.Second},
		{
			"after a part of another one", output(CallAnswered, "Hello, this is the answer that a ", whole), Answered,
			"b", time.Second,
		},
		{
			"whatever the exit code", output(CallFailed, "agent\n", whole[:20], whole[20:]), Answered, "b",
			2 * time.Second,
		},
		{
			"a part, as success", output(CallAnswered, "agent: Hello, this is the answer that a "), Truncated, "a",
			time.Second,
		},
		{
			"a part, as failure", output(CallFailed, "agent: Hello, this is the answer that a "), FailedClearly, "",
			time.Second,
		},
		{"no part", output(CallAnswered, "agent: something went wrong: Hell no"), Empty, "", -1},
		{"no output", output(CallAnswered), Empty, "", -1},
		{"cut", output(CallCut, whole), Hung, "", time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			outcome, from := tt.run.Outcome(1)
			m := tt.run.Measures(1)
			first := time.Duration(-1)
			if m.TimeToFirstContent != nil {
				first = m.TimeToFirstContent.Duration()
			}
			if outcome != tt.outcome || from != tt.from || first != tt.first {
				t.Errorf("got %s from %q, first content at %s, want %s from %q at %s", outcome, from, first, tt.outcome,
					tt.from, tt.first)
			}
			if answered := m.TimeToAnswer != nil; answered != (tt.outcome != FailedClearly && tt.outcome != Hung) {
				t.Errorf("time to answer: %v", m.TimeToAnswer)
			}
		})
	}
}
