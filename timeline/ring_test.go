package timeline_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/timeline"
)

// positions are lane, position and text of what a recorder holds, in its order within each lane.
func positions(r *timeline.Recorder) map[string][]string {
	got := map[string][]string{}
	for lane, events := range (timeline.Timeline{Events: r.Events()}).Lanes() {
		for _, e := range events {
			got[lane] = append(got[lane], fmt.Sprintf("%d %s", e.Seq, e.Text))
		}
	}
	return got
}

func TestRingKeepsTheNewest(t *testing.T) {
	r := timeline.NewRecorder(timeline.RecorderOptions{Limit: 3, Ring: true})
	record := func(lane, text string) { r.Record(lane, timeline.TextSent, text) }
	record("a", "one")
	record("b", "one")
	record("a", "two")
	if diff := cmp.Diff(map[string][]string{"a": {"1 one", "2 two"}, "b": {"1 one"}}, positions(r)); diff != "" {
		t.Errorf("up to the limit (-want +got):\n%s", diff)
	}
	record("b", "two")
	record("b", "three")
	if diff := cmp.Diff(map[string][]string{"a": {"2 two"}, "b": {"2 two", "3 three"}}, positions(r)); diff != "" {
		t.Errorf("beyond it (-want +got):\n%s", diff)
	}
	record("b", "four") // nothing of lane a is left
	record("a", "three")
	if diff := cmp.Diff(map[string][]string{"a": {"1 three"}, "b": {"3 three", "4 four"}}, positions(r)); diff != "" {
		t.Errorf("a lane that begins anew (-want +got):\n%s", diff)
	}
	if r.Dropped() != 4 || r.Total() != 7 || r.Overflowed() {
		t.Errorf("dropped %d of %d, overflowed %t; want 4 of 7 and never", r.Dropped(), r.Total(), r.Overflowed())
	}
}

func TestRingHasRoomForAnyNumberOfLanes(t *testing.T) {
	r := timeline.NewRecorder(timeline.RecorderOptions{Limit: 10, Ring: true})
	for i := range 3 * timeline.DefaultLaneLimit {
		r.Record(timeline.ProviderLane("primary", 0, i), timeline.RequestReceived, "")
	}
	events := r.Events()
	if len(events) != 10 || events[9].Attempt != 3*timeline.DefaultLaneLimit-1 {
		t.Errorf("got %d events, the last of attempt %d", len(events), events[len(events)-1].Attempt)
	}
}

// A stream held open by heartbeats is one event, also when other lanes push it out in between.
func TestRingCountsHeartbeats(t *testing.T) {
	r := timeline.NewRecorder(timeline.RecorderOptions{Limit: 2, Ring: true})
	beat := func() { r.Record("a", timeline.HeartbeatSent, "") }
	beat()
	beat()
	r.Record("b", timeline.TextSent, "1")
	beat()
	if got := r.Events()[0]; got.Count != 3 {
		t.Errorf("counted %d heartbeats, want 3", got.Count)
	}
	r.Record("b", timeline.TextSent, "2")
	beat()
	if diff := cmp.Diff(map[string][]string{"a": {"1 "}, "b": {"2 2"}}, positions(r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRingCutsTexts(t *testing.T) {
	r := timeline.NewRecorder(timeline.RecorderOptions{Ring: true})
	r.Record("a", timeline.TextSent, strings.Repeat("x", timeline.RingTextLimit))
	r.Record("a", timeline.TextSent, strings.Repeat("ü", 1<<20)+"x")
	whole, cut := r.Events()[0].Text, r.Events()[1].Text
	if len(whole) != timeline.RingTextLimit {
		t.Errorf("a text at the limit has %d bytes", len(whole))
	}
	if len(cut) > timeline.RingTextLimit+len("…") || !strings.HasSuffix(cut, "ü…") || !utf8.ValidString(cut) {
		t.Errorf("a long text has %d bytes and ends with %q", len(cut), cut[len(cut)-8:])
	}
}
