package timeline_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/timeline"
)

// many is an event that stands for several, the last of them later, with the longest pause between.
func many(e timeline.Event, count int, until, gap float64) timeline.Event {
	e.Count, e.Until, e.Gap = count, time.Duration(until*float64(time.Second)), time.Duration(gap*float64(time.Second))
	return e
}

func TestWire(t *testing.T) {
	tl := run(
		at(0, client, timeline.CallStarted, "hi"),
		at(1, client, timeline.BodyEnded, "before it asked"), // of no request
		at(2, client, timeline.RequestSent, "POST /v1/chat/completions"),
		at(5, client, timeline.HeadersReceived, "200\ncontent-type: text/event-stream\nretry-after: 5"),
		many(at(6, client, timeline.HeartbeatReceived, ":"), 3, 26, 12),
		at(27, client, timeline.FrameReceived, "chunk"),
		many(at(27, client, timeline.FrameReceived, "chunk"), 2, 28, 1),
		at(28, client, timeline.FrameReceived, "ping"),
		at(29, client, timeline.FrameReceived, "chunk"),
		at(30, client, timeline.MarkReceived, "[DONE]"),
		many(at(31, client, timeline.FrameReceived, "usage"), 2, 31, 0),
		at(31, client, timeline.HeartbeatReceived, ":"),
		at(32, client, timeline.BodyEnded, "clean"),
		at(33, client, timeline.CallAnswered, ""),
		at(900, client, timeline.FrameReceived, "behind the end"),
	)
	got, ok := tl.Wire(1)
	want := timeline.Wire{
		Status: 200, Headers: map[string]string{"content-type": "text/event-stream", "retry-after": "5"},
		Frames: []string{"chunk", "ping", "chunk", "usage"}, AfterMark: 2, Heartbeats: 4, Marked: true, Ended: "clean",
		Quiet: 12 * time.Second, Events: []int{3, 12},
	}
	if diff := cmp.Diff(got, want); diff != "" || !ok {
		t.Errorf("%v (-got +want):\n%s", ok, diff)
	}
}

// Quiet is the longest silence, before, between and behind the bytes, however the call ends.
func TestWireQuiet(t *testing.T) {
	for _, ending := range []timeline.Kind{
		timeline.CallAnswered, timeline.CallFailed, timeline.CallCut, timeline.CallHungUp, timeline.CallPanicked,
		timeline.CallBlocked,
	} {
		for _, tt := range []struct {
			name                 string
			sent, headers, ended float64
			want                 time.Duration
		}{
			{"before the headers", 10, 60, 70, 50 * time.Second},
			{"behind them", 10, 20, 70, 50 * time.Second},
			{"before the request does not count", 60, 61, 63, 2 * time.Second},
		} {
			tl := run(
				at(0, client, timeline.CallStarted, ""), at(tt.sent, client, timeline.RequestSent, ""),
				at(tt.headers, client, timeline.HeadersReceived, "503"), at(tt.ended, client, ending, ""),
				at(500, client, timeline.BodyEnded, "late"),
			)
			if w, ok := tl.Wire(1); !ok || w.Quiet != tt.want || w.Status != 503 || w.Ended != "" {
				t.Errorf("%s, %s: got %v, quiet for %s, status %d, ended %q", ending, tt.name, ok, w.Quiet, w.Status,
					w.Ended)
			}
		}
	}
}

func TestWireOfACallThatWasNotMadeOverHTTP(t *testing.T) {
	tl := run(at(0, client, timeline.CallStarted, ""), at(9, client, timeline.TextReceived, "hello"),
		at(9, client, timeline.CallAnswered, ""))
	if w, ok := tl.Wire(1); ok || w.Quiet != 0 {
		t.Errorf("got %+v", w)
	}
	open := run(at(0, client, timeline.CallStarted, ""), at(1, client, timeline.RequestSent, ""),
		at(2, client, timeline.HeadersReceived, "no number"))
	if w, ok := open.Wire(1); !ok || w.Status != 0 || len(w.Headers) != 0 || w.Headers == nil {
		t.Errorf("got %v, %+v", ok, w)
	}
}
