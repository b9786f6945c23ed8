package timeline_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/timeline"
)

// Each second of a call is spent in one phase.
func TestPhases(t *testing.T) {
	type events = []timeline.Event
	again := timeline.ProviderLane("primary", 1, 2)
	sec := func(v float64) timeline.Seconds { return timeline.Seconds(s(v)) }
	for _, tt := range []struct {
		name string
		run  events // between 0 s and 100 s
		want timeline.Phases
	}{
		{"nothing was sent", nil, timeline.Phases{Backoff: sec(100)}},
		{"a whole answer", events{
			at(1, first, timeline.RequestReceived, ""), at(3, first, timeline.HeadersSent, ""),
			at(7, first, timeline.TextSent, "a"),
			at(15, first, timeline.TextSent, "b"), at(31, first, timeline.FinishSent, ""),
			at(31, first, timeline.ResponseEnded, ""),
		}, timeline.Phases{Connect: sec(1), Headers: sec(2), FirstContent: sec(4), Answer: sec(93)}},
		{"an answer at once", events{
			at(0, first, timeline.RequestReceived, ""), at(0, first, timeline.HeadersSent, ""),
			at(0, first, timeline.TextSent, "a"), at(0, first, timeline.FinishSent, ""),
		}, timeline.Phases{Answer: sec(100)}},
		{"no content in a whole answer", events{
			at(1, first, timeline.RequestReceived, ""), at(3, first, timeline.HeadersSent, ""),
			at(7, first, timeline.FinishSent, ""),
		}, timeline.Phases{Connect: sec(1), Headers: sec(2), Answer: sec(97)}},
		{
			"no headers",
			events{at(1, first, timeline.RequestReceived, "")},
			timeline.Phases{Connect: sec(1), Headers: sec(99)},
		},
		{"headers at once and nothing more", events{
			at(0, first, timeline.RequestReceived, ""), at(0, first, timeline.HeadersSent, ""),
		}, timeline.Phases{Stall: sec(100)}},
		{"headers and nothing more", events{
			at(1, first, timeline.RequestReceived, ""), at(3, first, timeline.HeadersSent, ""),
		}, timeline.Phases{Connect: sec(1), Headers: sec(2), Stall: sec(97)}},
		{"a part of an answer", events{
			at(1, first, timeline.RequestReceived, ""), at(3, first, timeline.HeadersSent, ""),
			at(7, first, timeline.TextSent, "a"), at(15, first, timeline.TextSent, "b"),
		}, timeline.Phases{Connect: sec(1), Headers: sec(2), FirstContent: sec(4), Answer: sec(8), Stall: sec(85)}},
		{"a connection that is never made", events{
			at(1, first, timeline.ConnectStarted, ""), at(21, first, timeline.ConnectFailed, ""),
			at(24, again, timeline.ConnectionAccepted, ""),
			at(29, again, timeline.RequestReceived, ""),
		}, timeline.Phases{Connect: sec(1 + 20 + 5), Backoff: sec(3), Headers: sec(71)}},
		{"the second request overtakes the first", events{
			at(0, first, timeline.RequestReceived, ""), at(10, second, timeline.RequestReceived, ""),
			at(50, first, timeline.ClientDisconnected, ""),
			at(60, second, timeline.HeadersSent, ""), at(60, second, timeline.TextSent, "a"),
			at(60, second, timeline.FinishSent, ""), at(60, second, timeline.ResponseEnded, ""),
		}, timeline.Phases{Headers: sec(60), Answer: sec(40)}},
		{"the last attempt ends before the call", events{
			at(0, first, timeline.RequestReceived, ""), at(5, first, timeline.ConnectionCut, ""),
			at(7, second, timeline.RequestReceived, ""), at(9, second, timeline.ConnectionCut, ""),
		}, timeline.Phases{Headers: sec(5 + 93), Backoff: sec(2)}},
		{"an attempt that goes on behind the call", events{
			at(99, first, timeline.RequestReceived, ""), at(101, first, timeline.HeadersSent, ""),
			at(102, second, timeline.RequestReceived, ""),
		}, timeline.Phases{Connect: sec(99), Headers: sec(1), Backoff: sec(0)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tl := run(append(events{at(0, client, timeline.CallStarted, ""), at(100, client, timeline.CallFailed, "")},
				tt.run...)...)
			if diff := cmp.Diff(tl.Measures(1).WhereTimeWent, tt.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// Times count from the call's start, not from the run's, and the first of several counts.
func TestMeasuresOfALaterCall(t *testing.T) {
	second2 := timeline.ProviderLane("secondary", 1, 2)
	tl := run(
		at(100, client, timeline.CallStarted, ""), at(101, first, timeline.RequestReceived, ""),
		at(103, second, timeline.RequestReceived, ""),
		at(106, client, timeline.RestartReceived, ""), at(107, client, timeline.TextReceived, ""),
		at(108, client, timeline.TextReceived, "a"), at(109, client, timeline.TextReceived, "b"),
		at(110, second2, timeline.RequestReceived, ""), at(111, client, timeline.CallAnswered, ""),
	)
	m := tl.Measures(1)
	if *m.TimeToFallback != timeline.Seconds(s(3)) || *m.TimeToFirstContent != timeline.Seconds(s(8)) ||
		*m.TimeToAnswer != timeline.Seconds(s(11)) {
		t.Errorf("fell back after %s, first content after %s, answer after %s", m.TimeToFallback, m.TimeToFirstContent,
			m.TimeToAnswer)
	}
	if m.PromptTokensResent != 2000 || m.RetryAmplification != 3 {
		t.Errorf("sent %v times, %d tokens again", m.RetryAmplification, m.PromptTokensResent)
	}
	if diff := cmp.Diff(m.Attempts, map[string]int{"primary": 1, "secondary": 2}); diff != "" {
		t.Errorf("attempts (-got +want):\n%s", diff)
	}
	if got := tl.Origin(1); got != s(100) {
		t.Errorf("it began at %s", got)
	}
}

// Nothing is sent again without a second request, and nothing is known of a call that is not
// declared or never started.
func TestMeasuresWithoutTokens(t *testing.T) {
	one := run(at(0, client, timeline.CallStarted, ""), at(1, first, timeline.RequestReceived, ""),
		at(2, client, timeline.CallAnswered, ""))
	none := run(at(0, client, timeline.CallStarted, ""), at(2, client, timeline.CallFailed, ""))
	for name, tl := range map[string]timeline.Timeline{"one request": one, "none": none} {
		if got := tl.Measures(1).PromptTokensResent; got != 0 {
			t.Errorf("%s: %d tokens again", name, got)
		}
	}
	lane := timeline.ClientLane(2)
	undeclared := run(at(0, lane, timeline.CallStarted, ""),
		at(1, timeline.ProviderLane("primary", 2, 1), timeline.RequestReceived, ""),
		at(2, timeline.ProviderLane("primary", 2, 2), timeline.RequestReceived, ""),
		at(3, lane, timeline.CallAnswered, ""))
	if m := undeclared.Measures(2); m.PromptTokensResent != 0 || m.RetryAmplification != 2 {
		t.Errorf("a call that is not declared: %+v", m)
	}
	m := undeclared.Measures(1)
	if diff := cmp.Diff(m, timeline.Measures{Attempts: map[string]int{"primary": 0, "secondary": 0}}); diff != "" {
		t.Errorf("a call that never started (-got +want):\n%s", diff)
	}
}

// Where the caller was not seen, or is a program that starts, the first request is the beginning.
// Without a request it is the call's start.
func TestOrigin(t *testing.T) {
	with := run(at(1, client, timeline.CallStarted, ""), at(4, first, timeline.RequestReceived, ""))
	without := run(at(1, client, timeline.CallStarted, ""))
	for _, tt := range []struct {
		unseen, contained bool
		with, without     time.Duration
	}{{false, false, s(1), s(1)}, {true, false, s(4), s(1)}, {false, true, s(4), s(1)}, {true, true, s(4), s(1)}} {
		for _, tl := range []*timeline.Timeline{&with, &without} {
			tl.Run.CallerUnseen, tl.Run.Contained = tt.unseen, tt.contained
		}
		if a, b := with.Origin(1), without.Origin(1); a != tt.with || b != tt.without {
			t.Errorf("%+v: began at %s and %s", tt, a, b)
		}
	}
	if got := without.Origin(2); got != 0 {
		t.Errorf("a call that never started began at %s", got)
	}
}
