package timeline_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/timeline"
)

// What is recorded of a part and of a request stands in the event.
func TestRecorderKeepsPartsAndRequests(t *testing.T) {
	r := timeline.NewRecorder(timeline.RecorderOptions{})
	asked := &timeline.Asked{ModelOf: "b", Lacks: []string{"tools"}}
	r.RecordPart(client, timeline.ToolCallReceived, 3, "f{")
	r.RecordRequest(first, "POST", asked)
	r.Record(client, timeline.TextReceived, "a\xffb")
	var got []timeline.Event
	for _, e := range r.Events() {
		e.At, e.Until = 0, 0
		got = append(got, e)
	}
	timeline.Sort(got)
	want := []timeline.Event{
		{Lane: client, Seq: 1, Kind: timeline.ToolCallReceived, Part: 3, Text: "f{", Count: 1},
		{Lane: client, Seq: 2, Kind: timeline.TextReceived, Text: "a\uFFFDb", Count: 1},
		{Lane: first, Seq: 1, Attempt: 1, Kind: timeline.RequestReceived, Text: "POST", Asked: asked, Count: 1},
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if got := r.Total(); got != 3 {
		t.Errorf("counted %d", got)
	}
}

// Frames in a row that are equal are one event with the longest pause between them. Other kinds,
// other texts and other lanes are not.
func TestRecorderFolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for kind, gap := range map[timeline.Kind]time.Duration{
			timeline.FrameReceived: s(3), timeline.HeartbeatReceived: s(3), timeline.HeartbeatSent: 0,
		} {
			r := timeline.NewRecorder(timeline.RecorderOptions{})
			r.Record(client, kind, "a")
			for _, pause := range []float64{1, 3, 2} {
				time.Sleep(s(pause))
				r.Record(client, kind, "a")
			}
			r.Record(client, kind, "b")
			r.Record("other", kind, "b")
			r.Record(client, timeline.BodyEnded, "b")
			r.Record(client, timeline.BodyEnded, "b")
			want := []timeline.Event{
				{Lane: client, Seq: 1, Kind: kind, Text: "a", Count: 4, Until: s(6), Gap: gap},
				{At: s(6), Until: s(6), Lane: client, Seq: 2, Kind: kind, Text: "b", Count: 1},
				{At: s(6), Until: s(6), Lane: client, Seq: 3, Kind: timeline.BodyEnded, Text: "b", Count: 1},
				{At: s(6), Until: s(6), Lane: client, Seq: 4, Kind: timeline.BodyEnded, Text: "b", Count: 1},
				{At: s(6), Until: s(6), Lane: "other", Seq: 1, Kind: kind, Text: "b", Count: 1},
			}
			if diff := cmp.Diff(r.Events(), want); diff != "" {
				t.Errorf("%s (-got +want):\n%s", kind, diff)
			}
		}
	})
}

// At its limits a recorder keeps what it has, closes Full once, and ignores the rest.
func TestRecorderAtItsLimits(t *testing.T) {
	r := timeline.NewRecorder(timeline.RecorderOptions{Limit: 2})
	lanes := timeline.NewRecorder(timeline.RecorderOptions{LaneLimit: 2})
	full := func(r *timeline.Recorder) bool {
		select {
		case <-r.Full():
			return r.Overflowed()
		default:
			return false
		}
	}
	for i, lane := range []string{"a", "b"} {
		r.Record("a", timeline.Decided, "x")
		lanes.Record(lane, timeline.Decided, "x")
		lanes.Record(lane, timeline.Decided, "x")
		if full(r) || full(lanes) {
			t.Errorf("full after %d", i+1)
		}
	}
	for range 2 {
		r.Record("a", timeline.Decided, "x")
		lanes.Record("c", timeline.Decided, "x")
		if !full(r) || !full(lanes) || len(r.Events()) != 2 || len(lanes.Events()) != 4 {
			t.Errorf("not full: %d and %d events", len(r.Events()), len(lanes.Events()))
		}
	}
	if r.Total() != 3 || lanes.Total() != 5 {
		t.Errorf("counted %d and %d, want no more than the one that was too many", r.Total(), lanes.Total())
	}
	// A heartbeat of a row needs no room.
	beats := timeline.NewRecorder(timeline.RecorderOptions{Limit: 1})
	for range 5 {
		beats.Record("a", timeline.HeartbeatSent, "")
	}
	if events := beats.Events(); full(beats) || events[0].Count != 5 || beats.Total() != 5 {
		t.Errorf("got %+v", events)
	}
}

func TestRecorderDefaults(t *testing.T) {
	r := timeline.NewRecorder(timeline.RecorderOptions{})
	for n := range timeline.DefaultLaneLimit {
		r.Record(timeline.ProviderLane("a", 1, n), timeline.RequestReceived, "")
	}
	if r.Overflowed() {
		t.Error("overflowed at the limit of lanes")
	}
	for range timeline.DefaultEventLimit - timeline.DefaultLaneLimit {
		r.Record(timeline.ProviderLane("a", 1, 1), timeline.TextSent, "")
	}
	if r.Overflowed() {
		t.Error("overflowed at the limit of events")
	}
	r.Record(timeline.ProviderLane("a", 1, 1), timeline.TextSent, "")
	if !r.Overflowed() || len(r.Events()) != timeline.DefaultEventLimit {
		t.Errorf("kept %d events", len(r.Events()))
	}
}

// Restart begins anew, with the clock at 0.
func TestRecorderRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := timeline.NewRecorder(timeline.RecorderOptions{Scale: 2, Limit: 2, Ring: true})
		for _, text := range []string{"a", "b", "c"} {
			r.Record("a", timeline.Decided, text)
		}
		r.Late(time.Second)
		time.Sleep(3 * time.Second)
		if r.Elapsed() != 6*time.Second || r.Lateness() != 2*time.Second || r.Dropped() != 1 {
			t.Errorf("after %s: late by %s, dropped %d", r.Elapsed(), r.Lateness(), r.Dropped())
		}
		r.Restart()
		if r.Elapsed() != 0 || r.Lateness() != 0 || r.Dropped() != 0 || len(r.Events()) != 0 {
			t.Errorf("after a restart: %s, late by %s, dropped %d, %d events", r.Elapsed(), r.Lateness(), r.Dropped(),
				len(r.Events()))
		}
		time.Sleep(time.Second)
		r.Record("a", timeline.Decided, "d")
		if e := r.Events()[0]; e.At != 2*time.Second || e.Seq != 1 {
			t.Errorf("got %+v", e)
		}
		r.Late(3 * time.Second)
		r.Late(time.Second)
		if got := r.Lateness(); got != 6*time.Second {
			t.Errorf("late by %s, want the largest", got)
		}
	})
}

// A ring turns many times, and gives its events in order at every turn.
func TestRingTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := timeline.NewRecorder(timeline.RecorderOptions{Limit: 3, Ring: true})
		for n := range 10 {
			time.Sleep(time.Second)
			r.Record("a", timeline.Decided, "")
			events := r.Events()
			if len(events) != min(n+1, 3) || r.Dropped() != max(0, n-2) {
				t.Fatalf("after %d: %d events, %d dropped", n+1, len(events), r.Dropped())
			}
			for i, e := range events {
				if want := n - len(events) + 2 + i; e.Seq != want || e.At != time.Duration(want)*time.Second {
					t.Errorf("after %d: event %d is %+v", n+1, i, e)
				}
			}
		}
	})
}
