package timeline_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/timeline"
)

// TestSpans checks which attempt owns which part of a call's time, and that an attempt has its own.
func TestSpans(t *testing.T) {
	tl := run(
		at(0, client, timeline.CallStarted, ""),
		at(1, first, timeline.RequestReceived, ""), at(2, first, timeline.HeadersSent, "200"),
		at(10, first, timeline.ClientDisconnected, ""),
		at(12, second, timeline.RequestReceived, ""), at(13, second, timeline.HeadersSent, "200"),
		at(15, second, timeline.TextSent, "a"), at(16, second, timeline.FinishSent, "stop"),
		at(16, second, timeline.ResponseEnded, ""), at(16, client, timeline.CallAnswered, ""),
	)
	span := func(from, to float64, phase timeline.Phase, attempt int) timeline.Span {
		return timeline.Span{From: s(from), To: s(to), Phase: phase, Attempt: attempt}
	}
	want := []timeline.Span{
		span(0, 1, timeline.Connect, -1), span(1, 2, timeline.Headers, 0), span(2, 10, timeline.Stall, 0),
		span(10, 12, timeline.Backoff, -1), span(12, 13, timeline.Headers, 1),
		span(13, 15, timeline.FirstContent, 1), span(15, 16, timeline.Answering, 1),
	}
	if diff := cmp.Diff(tl.Spans(1), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if got := tl.Spans(2); got != nil {
		t.Errorf("a call that never started: %v", got)
	}
	own := []timeline.Span{span(1, 2, timeline.Headers, 0), span(2, 10, timeline.Stall, 0)}
	if diff := cmp.Diff(tl.Attempts()[0].Spans(), own); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// TestAbandoned checks the three ways in which a call abandons a request, and a hedge, which is
// abandoned when text of the other request arrives.
func TestAbandoned(t *testing.T) {
	request := func(provider string, start, content float64) timeline.Attempt {
		return timeline.Attempt{Provider: provider, Start: s(start), FirstContent: s(content)}
	}
	answered := timeline.Client{
		Started: 0, Ended: 9, End: s(20), Deliveries: []timeline.Delivery{
			{At: s(3), Text: "early"}, {At: s(8), Restart: true}, {At: s(9), Text: "late"},
		},
	}
	for _, tt := range []struct {
		name  string
		c     timeline.Client
		later []timeline.Attempt
		want  time.Duration
	}{
		{"by the end", answered, nil, s(20)},
		{"never", timeline.Client{Started: 0, Ended: -1, End: s(20)}, nil, timeline.Never},
		{"by the next request to the provider", answered, []timeline.Attempt{request("a", 5, 6)}, s(5)},
		{"by text of another provider", answered, []timeline.Attempt{request("b", 5, 7)}, s(9)},
		{"not by a request without content", answered, []timeline.Attempt{request("b", 5, -1)}, s(20)},
		{"not by text behind the end", answered, []timeline.Attempt{request("b", 5, 15)}, s(20)},
		{"by the first of them", answered, []timeline.Attempt{request("b", 5, 7), request("a", 12, 13)}, s(9)},
	} {
		if got := tt.c.Abandoned(request("a", 0, -1), tt.later); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestCutWith tells the requests that a cut ended from those that the engine had given up before.
func TestCutWith(t *testing.T) {
	request := func(start, end float64) timeline.Attempt { return timeline.Attempt{Start: s(start), End: s(end)} }
	cut := timeline.Client{Ending: timeline.CallCut, End: s(60)}
	for _, tt := range []struct {
		name string
		c    timeline.Client
		all  []timeline.Attempt
		want []bool
	}{
		{"one", cut, []timeline.Attempt{request(0, 60)}, []bool{true}},
		{"of a command, which ends a moment before", cut, []timeline.Attempt{request(0, 59.2)}, []bool{true}},
		{"a hedge beside it", cut, []timeline.Attempt{request(0, 59.95), request(42, 60)}, []bool{true, true}},
		{"one that was given up before", cut, []timeline.Attempt{request(0, 30), request(31, 60)}, []bool{false, true}},
		{"a close that was seen late", cut, []timeline.Attempt{request(0, 33), request(31, 60)}, []bool{false, true}},
		{
			"a caller that hangs up",
			timeline.Client{Ending: timeline.CallHungUp, End: s(60)},
			[]timeline.Attempt{request(0, 61)},
			[]bool{true},
		},
		{
			"a call that failed",
			timeline.Client{Ending: timeline.CallFailed, End: s(60)},
			[]timeline.Attempt{request(0, 60)},
			[]bool{false},
		},
	} {
		for i, a := range tt.all {
			if got := tt.c.CutWith(a, tt.all); got != tt.want[i] {
				t.Errorf("%s: request %d: %v", tt.name, i+1, got)
			}
		}
	}
}
