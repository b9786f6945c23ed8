package reports

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// killedAndAnswered returns a run whose primary sends heartbeats until the engine kills it. The
// primary sees the kill two seconds late.
func killedAndAnswered() Run {
	at := func(s int, lane string, kind timeline.Kind, text string) timeline.Event {
		e := timeline.Event{At: time.Duration(s) * time.Second, Lane: lane, Kind: kind, Text: text, Count: 1}
		e.Until = e.At
		return e
	}
	client := timeline.ClientLane(1)
	primary, secondary := timeline.ProviderLane("primary", 1, 1), timeline.ProviderLane("secondary", 1, 1)
	beats := at(2, primary, timeline.HeartbeatSent, ":")
	beats.Count, beats.Until = 30, 59*time.Second
	t := timeline.Timeline{
		Run: timeline.Run{
			Scenario: "s", Target: "t", Calls: []timeline.Call{{}},
			Providers: []timeline.Provider{{Name: "primary"}, {Name: "secondary"}},
		},
		Events: []timeline.Event{
			at(0, client, timeline.CallStarted, "hi"), at(0, primary, timeline.RequestReceived, "POST"),
			at(1, primary, timeline.HeadersSent, "200"), beats,
			at(60, timeline.EngineLane, timeline.Decided, "kill primary: silent"),
			at(61, secondary, timeline.RequestReceived, "POST"), at(61, secondary, timeline.HeadersSent, "200"),
			at(62, primary, timeline.ClientDisconnected, ""),
			at(63, secondary, timeline.TextSent, "a"), at(63, client, timeline.TextReceived, "a"),
			at(64, secondary, timeline.FinishSent, "stop"), at(64, secondary, timeline.ResponseEnded, ""),
			at(64, client, timeline.CallAnswered, ""),
		},
	}
	return NewRun(t, assertions.Judge(t, assertions.Must(assertions.TimeToFallback{Max: time.Minute})))
}

// TestSwimlanes checks the lanes of a run, of one that was read from JSON, and of one without a
// timeline.
func TestSwimlanes(t *testing.T) {
	s := func(v int) timeline.Seconds { return timeline.Seconds(time.Duration(v) * time.Second) }
	bar := func(from, to int, phase timeline.Phase, beats, lane int) swimBar {
		return swimBar{From: s(from), To: s(to), Phase: phase, Beats: beats, Lane: lane}
	}
	want := []swimLane{
		{
			Kind: laneOfCaller, Name: "caller", Call: 1, Limit: new(s(60)), Fallback: new(s(61)),
			Events: []int{0, 9, 12},
			Bars: []swimBar{
				bar(0, 1, timeline.Headers, 0, 2), bar(1, 61, timeline.Stall, 0, 2),
				bar(61, 63, timeline.FirstContent, 0, 3), bar(63, 64, timeline.Answering, 0, 3),
			},
			Marks: []swimMark{{At: s(64), Kind: markAnswered, Event: 12}},
		},
		{
			Kind: laneOfEngine, Name: "engine", Events: []int{4}, Bars: []swimBar{},
			Marks: []swimMark{{At: s(60), Kind: markDecided, Text: "kill primary: silent", Event: 4}},
		},
		{
			Kind: laneOfRequest, Name: "primary #1", Provider: "primary", Call: 1, Attempt: 1,
			Events: []int{1, 2, 3, 7},
			Bars:   []swimBar{bar(0, 1, timeline.Headers, 0, -1), bar(1, 62, timeline.Stall, 30, -1)},
			Marks: []swimMark{
				{At: s(60), Kind: markKill, Text: "kill primary: silent", Event: 4},
				{At: s(62), Kind: markClose, Text: "client-disconnected", Event: 7},
			},
		},
		{
			Kind: laneOfRequest, Name: "secondary #1", Provider: "secondary", Call: 1, Attempt: 1,
			Events: []int{5, 6, 8, 10, 11},
			Bars:   []swimBar{bar(61, 63, timeline.FirstContent, 0, -1), bar(63, 64, timeline.Answering, 0, -1)},
			Marks:  []swimMark{{At: s(64), Kind: markAnswered, Event: 11}},
		},
	}
	run := killedAndAnswered()
	if diff := cmp.Diff(swimlanes(run), swim{Lanes: want, End: s(64)}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	data, err := json.Marshal(run)
	if err != nil {
		t.Fatal(err)
	}
	var read Run
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(swimlanes(read), swimlanes(run)); diff != "" {
		t.Errorf("of a report that was read (-got +want):\n%s", diff)
	}
	run.Timeline = nil
	if got := swimlanes(run); len(got.Lanes) > 0 {
		t.Errorf("without a timeline: %+v", got)
	}
}

// TestSwimlanesWithoutWords checks that a kill of which the engine says nothing is where the call
// showed it, and that a request that is never closed has no close.
func TestSwimlanesWithoutWords(t *testing.T) {
	run := killedAndAnswered()
	var events []timeline.Event
	for _, e := range run.Timeline {
		if e.Kind != timeline.Decided && e.Kind != timeline.ClientDisconnected {
			events = append(events, e)
		}
	}
	run.Timeline = events
	lanes := swimlanes(run).Lanes
	want := []swimMark{{At: timeline.Seconds(63 * time.Second), Kind: markKill, Event: -1}}
	if diff := cmp.Diff(lanes[1].Marks, want); diff != "" || lanes[1].Name != "primary #1" {
		t.Errorf("%s (-got +want):\n%s", lanes[1].Name, diff)
	}
}
