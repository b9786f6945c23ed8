package timeline_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/chaosrun/chaosrun/timeline"
)

// visible compares what users of the package see.
func visible() cmp.Options {
	return cmp.Options{cmpopts.IgnoreUnexported(timeline.Client{}, timeline.Attempt{}), cmpopts.EquateEmpty()}
}

func s(v float64) time.Duration { return time.Duration(v * float64(time.Second)) }

// The client of a call that was hung up is over then, whatever comes behind.
func TestClient(t *testing.T) {
	tl := run(
		at(0, client, timeline.CallStarted, "hi"),
		at(1, client, timeline.CallReturned, "of another time"),
		at(2, client, timeline.ThinkingReceived, "hm"), at(3, client, timeline.TextReceived, "a"),
		at(4, client, timeline.ToolCallReceived, "lost"), at(5, client, timeline.RestartReceived, ""),
		at(6, client, timeline.TextReceived, "b"), at(7, client, timeline.TextReceived, "c"),
		at(8, client, timeline.ToolCallReceived, "f"), at(8, client, timeline.ToolCallReceived, "{}"),
		at(9, client, timeline.CallHungUp, "enough"), at(10, client, timeline.TextReceived, "d"),
		at(11, client, timeline.CallReturned, "context canceled"), at(12, client, timeline.CallAnswered, ""),
	)
	c, ok := tl.Client(1)
	want := timeline.Client{
		Call: 1, End: s(9), Ending: timeline.CallHungUp, EndText: "enough", Returned: s(11), Restarts: 1, Calls: "f{}",
		Ended:    10,
		Thinking: []timeline.Delivery{{At: s(2), Text: "hm", Event: 2}},
		Deliveries: []timeline.Delivery{
			{At: s(3), Text: "a", Event: 3},
			{At: s(5), Restart: true, Event: 5},
			{At: s(6), Text: "b", Event: 6},
			{At: s(7), Text: "c", Event: 7},
		},
	}
	if diff := cmp.Diff(c, want, visible()); diff != "" || !ok || c.Text() != "bc" {
		t.Errorf("%v, %q (-got +want):\n%s", ok, c.Text(), diff)
	}
	if outcome, from := tl.Outcome(1); outcome != timeline.HungUp || from != "" {
		t.Errorf("it is %s of %q", outcome, from)
	}
	c, ok = tl.Client(2)
	if diff := cmp.Diff(c, timeline.Client{Call: 2, Started: -1, Ended: -1, Returned: -1}, visible()); diff != "" ||
		ok {
		t.Errorf("a call that was never made: %v (-got +want):\n%s", ok, diff)
	}
	if outcome, from := tl.Outcome(2); outcome != timeline.Hung || from != "" {
		t.Errorf("a call that was never made is %s of %q", outcome, from)
	}
}

// A timeline that begins with the end of a call is of one that is over, but never started.
func TestClientWithoutABeginning(t *testing.T) {
	tl := run(at(1, client, timeline.CallHungUp, ""), at(2, client, timeline.TextReceived, "late"),
		at(3, client, timeline.CallReturned, ""))
	c, ok := tl.Client(1)
	want := timeline.Client{Call: 1, End: s(1), Ending: timeline.CallHungUp, Returned: s(3), Started: -1}
	if diff := cmp.Diff(c, want, visible()); diff != "" || ok {
		t.Errorf("%v (-got +want):\n%s", ok, diff)
	}
	if outcome, _ := tl.Outcome(1); outcome != timeline.Hung {
		t.Errorf("it is %s", outcome)
	}
}

func TestAttempts(t *testing.T) {
	asked := &timeline.Asked{KeyOf: "primary"}
	request := func(s float64, lane, text string, asked *timeline.Asked) timeline.Event {
		e := at(s, lane, timeline.RequestReceived, text)
		e.Asked = asked
		return e
	}
	tl := run(
		request(0, first, "POST", asked), request(1, first, "again", nil), at(0, first, timeline.HeadersSent, "200"),
		at(2, first, timeline.HeadersSent, "500"),
		at(0, first, timeline.ThinkingSent, "h"), at(3, first, timeline.ThinkingSent, "m"),
		at(3, first, timeline.TextSent, "a"), at(4, first, timeline.RefusalSent, "no"),
		at(4, first, timeline.RefusalSent, "!"), at(5, first, timeline.ToolCallSent, "f{}"),
		at(6, first, timeline.FinishSent, "stop"), at(7, first, timeline.TextSent, "behind"),
		at(7, first, timeline.ThinkingSent, "?"),
		at(8, first, timeline.ConnectionReset, ""), at(9, first, timeline.ClientDisconnected, ""),
		at(2, second, timeline.ConnectStarted, "addr"), many(at(3, second, timeline.HeartbeatSent, ":"), 4, 33, 0),
		at(3, "provider/odd", timeline.FaultInjected, "no attempt"), at(3, timeline.EngineLane, timeline.Decided, ""),
		at(4, timeline.ProviderLane("secondary", 2, 2), timeline.ConnectStarted, ""),
		at(5, timeline.ProviderLane("secondary", 2, 2), timeline.ConnectFailed, "refused"),
	)
	want := []timeline.Attempt{
		{
			Provider: "primary", Call: 1, N: 1, End: s(8), Ending: timeline.ConnectionReset, LastContent: s(7),
			Text: "a", Refusal: "no!", Calls: "f{}", Finished: true, Thinking: "hm?", Asked: asked, Ended: 19,
		},
		{
			Provider: "secondary", Call: 1, N: 1, Start: s(2), Arrived: -1, End: s(33), Open: true, Headers: -1,
			FirstContent: -1, LastContent: -1, Received: 5, Ended: -1,
		},
		{
			Provider: "secondary", Call: 2, N: 2, Start: s(4), Arrived: -1, End: s(5), Ending: timeline.ConnectFailed,
			Headers: -1, FirstContent: -1, LastContent: -1, Received: 13, Ended: 15,
		},
	}
	if diff := cmp.Diff(tl.Attempts(), want, visible()); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// A later header and the first content are at their instants, not at 0.
func TestInstantsOfAnAttempt(t *testing.T) {
	for _, kind := range []timeline.Kind{
		timeline.TextSent, timeline.ThinkingSent, timeline.ToolCallSent, timeline.RefusalSent,
	} {
		for _, ending := range []timeline.Kind{
			timeline.ResponseEnded, timeline.ConnectionCut, timeline.ConnectionReset, timeline.ConnectFailed,
			timeline.ClientDisconnected,
		} {
			a := run(at(1, first, timeline.ConnectionAccepted, ""), at(2, first, timeline.RequestReceived, ""),
				at(3, first, timeline.HeadersSent, ""),
				at(4, first, kind, "x"), at(5, first, kind, "x"), at(6, first, ending, ""),
				at(7, first, timeline.HeartbeatSent, "")).Attempts()[0]
			if a.Start != s(1) || a.Arrived != s(2) || a.Headers != s(3) || a.FirstContent != s(4) ||
				a.LastContent != s(5) || a.End != s(6) || a.Ending != ending {
				t.Errorf("%s, %s: got %+v", kind, ending, a)
			}
		}
	}
}

func TestAnswered(t *testing.T) {
	for _, tt := range []struct {
		a    timeline.Attempt
		want bool
	}{
		{timeline.Attempt{Finished: true, Text: "a"}, true},
		{timeline.Attempt{Finished: true, Calls: "f{}"}, true},
		{timeline.Attempt{Finished: true, Refusal: "no"}, true},
		{timeline.Attempt{Finished: true}, false},
		{timeline.Attempt{Finished: true, Thinking: "hm"}, false},
		{timeline.Attempt{Text: "a", Calls: "f{}", Refusal: "no"}, false},
	} {
		if got := tt.a.Answered(); got != tt.want {
			t.Errorf("%+v: %v", tt.a, got)
		}
	}
}

func TestProvidersOfARun(t *testing.T) {
	r := timeline.Run{Providers: []timeline.Provider{{Name: "a", Model: "m"}, {Name: "b", Model: "n"}}}
	for name, want := range map[string]string{"a": "m", "b": "n"} {
		if p, ok := r.Provider(name); !ok || p.Name != name || p.Model != want {
			t.Errorf("%s: got %+v, %v", name, p, ok)
		}
	}
	if p, ok := r.Provider("c"); ok || p.Name != "" {
		t.Errorf("c: got %+v, %v", p, ok)
	}
	if got := r.Primary() + "," + (timeline.Run{}).Primary(); got != "a," {
		t.Errorf("got %q", got)
	}
}

func TestLanesAndFind(t *testing.T) {
	tl := timeline.Timeline{Events: []timeline.Event{
		{Lane: "engine", Seq: 1, Kind: timeline.Decided},
		{Lane: client, Seq: 3, Kind: timeline.TextReceived},
		{Lane: client, Seq: 1, Kind: timeline.CallStarted},
		{Lane: client, Seq: 2, Kind: timeline.Decided},
		{Lane: first, Seq: 2, Kind: timeline.TextSent},
		{Lane: first, Seq: 1, Kind: timeline.RequestReceived},
	}}
	for lane, want := range map[string]int{client: 3, first: 2, "engine": 1} {
		events := tl.Lanes()[lane]
		if len(events) != want {
			t.Errorf("%s has %d events", lane, len(events))
		}
		for i, e := range events {
			if e.Seq != i+1 {
				t.Errorf("%s: position %d at %d", lane, e.Seq, i)
			}
		}
	}
	for _, tt := range []struct {
		prefix string
		kinds  []timeline.Kind
		want   int
	}{
		{"client/", []timeline.Kind{timeline.Decided}, 3},
		{"client/", []timeline.Kind{timeline.TextSent}, -1},
		{"provider/", []timeline.Kind{timeline.RequestReceived, timeline.TextSent}, 4},
		{"", []timeline.Kind{timeline.Decided}, 0},
		{"world", []timeline.Kind{timeline.Decided}, -1},
	} {
		if got := tl.Find(tt.prefix, tt.kinds...); got != tt.want {
			t.Errorf("Find(%q, %v) is %d, want %d", tt.prefix, tt.kinds, got, tt.want)
		}
	}
}

// A lane of no attempt is none, and says nothing of attempts.
func TestLanesThatAreNoAttempts(t *testing.T) {
	for _, lane := range []string{
		"provider/a", "provider/a/call-1", "provider/a/attempt-1", "provider/a/call-x/attempt-1",
		"provider/a/call-1/attempt-x", "world", "providers/a/call-1/attempt-1",
	} {
		tl := run(at(1, lane, timeline.RequestReceived, ""))
		if got := tl.Attempts(); len(got) != 0 {
			t.Errorf("%s: got %+v", lane, got)
		}
	}
	if got := run(at(1, "provider//call-1/attempt-1", timeline.RequestReceived, "")).Attempts(); len(got) != 1 ||
		got[0].Provider != "" || got[0].N != 1 {
		t.Errorf("a provider without a name: %+v", got)
	}
	if got := timeline.NewRecorder(timeline.RecorderOptions{}); got != nil {
		got.Record("provider/a/call-1", timeline.FaultInjected, "")
		got.Record(timeline.ProviderLane("a", 2, 3), timeline.FaultInjected, "")
		if events := got.Events(); events[0].Attempt+events[1].Attempt != 3 {
			t.Errorf("got %+v", events)
		}
	}
}

func TestUnsent(t *testing.T) {
	thinking := func(s float64, text string) timeline.Event { return at(s, client, timeline.ThinkingReceived, text) }
	text := func(s float64, text string) timeline.Event { return at(s, client, timeline.TextReceived, text) }
	restart := func(s float64) timeline.Event { return at(s, client, timeline.RestartReceived, "") }
	for _, tt := range []struct {
		name      string
		received  []timeline.Event
		piece, as string
	}{
		{"what was sent", []timeline.Event{
			thinking(2, " let me "), thinking(3, "see"), text(3, "hello"), restart(4), text(4, "anything"),
		}, "", ""},
		{"blank reasoning", []timeline.Event{thinking(0, " \n")}, "", ""},
		{"reasoning of nobody", []timeline.Event{thinking(2, "let me"), thinking(3, "guess")}, "guess", "reasoning"},
		{"reasoning before its attempt", []timeline.Event{thinking(0.5, "let me")}, "let me", "reasoning"},
		{"reasoning at the instant of its attempt", []timeline.Event{thinking(1, "let me")}, "", ""},
		{"text as reasoning", []timeline.Event{thinking(3, "hello")}, "hello", "reasoning"},
		{
			"withdrawn text of nobody",
			[]timeline.Event{text(3, "hello"), text(3, "you"), restart(4), text(4, "hello")},
			"you", "text",
		},
		{
			"withdrawn by the second marker",
			[]timeline.Event{text(3, "hello"), restart(3), text(3, "you"), restart(4)},
			"you", "text",
		},
		{"text that nobody withdrew", []timeline.Event{text(3, "hello"), restart(3), text(3, "you")}, "", ""},
		{"a withdrawn refusal", []timeline.Event{text(3, "I can't"), restart(3)}, "", ""},
		{"a text with its refusal", []timeline.Event{text(3, "hello.I"), restart(3)}, "", ""},
		{"withdrawn reasoning as text", []timeline.Event{text(3, "let me"), restart(3)}, "let me", "text"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tl := run(append([]timeline.Event{
				at(0, client, timeline.CallStarted, ""), at(1, first, timeline.RequestReceived, ""),
				at(2, first, timeline.ThinkingSent, "let me see"),
				at(2, first, timeline.TextSent, "hello."), at(2, first, timeline.RefusalSent, "I can't"),
				at(2, second, timeline.RequestReceived, ""), at(2, second, timeline.TextSent, "bye"),
			}, tt.received...)...)
			if piece, as := tl.Unsent(1); piece != tt.piece || as != tt.as {
				t.Errorf("got %q as %q, want %q as %q", piece, as, tt.piece, tt.as)
			}
			tl.Run.Contained = true
			if piece, as := tl.Unsent(1); piece != "" || as != "" {
				t.Errorf("of a command: got %q as %q", piece, as)
			}
		})
	}
	if piece, as := run(thinking(1, "nobody asked")).Unsent(1); piece != "" || as != "" {
		t.Errorf("of a call that never started: got %q as %q", piece, as)
	}
}

func TestCallCPU(t *testing.T) {
	e := &timeline.ClockEvidence{CPU: 9, CallsCPU: []timeline.Seconds{4, 5}}
	for n, want := range map[int]timeline.Seconds{-1: 9, 0: 9, 1: 4, 2: 5, 3: 9} {
		if got := e.CallCPU(n); got != want {
			t.Errorf("call %d: got %d, want %d", n, got, want)
		}
	}
	if got := (*timeline.ClockEvidence)(nil).CallCPU(1); got != 0 {
		t.Errorf("without evidence: got %d", got)
	}
}
