package harness

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/internal/bubble"
	"github.com/chaosrun/chaosrun/timeline"
)

func seen(s int, lane string, seq int, kind timeline.Kind) timeline.Event {
	at := time.Duration(s) * time.Second
	return timeline.Event{At: at, Until: at + time.Second, Lane: lane, Seq: seq, Kind: kind, Count: 1}
}

// An event that is added comes last, behind the end of all others, and behind its lane's.
func TestAppendEvent(t *testing.T) {
	events := []timeline.Event{
		seen(9, "world", 4, timeline.HarnessFailed), seen(3, "world", 7, timeline.Decided),
		seen(1, "engine", 9, timeline.Decided),
	}
	for lane, seq := range map[string]int{"world": 8, "engine": 10, "client/call-1": 1} {
		all := appendEvent(events, lane, timeline.CallBlocked, "why")
		want := timeline.Event{
			At: 10 * time.Second, Until: 10 * time.Second, Lane: lane, Seq: seq, Kind: timeline.CallBlocked,
			Text: "why", Count: 1,
		}
		if diff := cmp.Diff(all[len(all)-1], want); diff != "" || len(all) != 4 {
			t.Errorf("%s (-got +want):\n%s", lane, diff)
		}
	}
	if all := appendEvent(nil, "world", timeline.Decided, ""); all[0].At != 0 || all[0].Seq != 1 {
		t.Errorf("got %+v", all[0])
	}
}

// What blocks is the first call that is open, or else the last one.
func TestUnderWay(t *testing.T) {
	lane := timeline.ClientLane
	start := func(n int) timeline.Event { return seen(n, lane(n), 1, timeline.CallStarted) }
	for _, ending := range []timeline.Kind{
		timeline.CallAnswered, timeline.CallFailed, timeline.CallCut, timeline.CallHungUp, timeline.CallPanicked,
		timeline.CallBlocked,
	} {
		end := func(n int) timeline.Event { return seen(n+5, lane(n), 2, ending) }
		for _, tt := range []struct {
			name   string
			events []timeline.Event
			want   int
		}{
			{"none was made", nil, 1},
			{"one is open", []timeline.Event{start(1)}, 1},
			{"one is over", []timeline.Event{start(1), end(1)}, 1},
			{"the second is open", []timeline.Event{start(1), end(1), start(2)}, 2},
			{"both are open", []timeline.Event{start(1), start(2)}, 1},
			{"the first is open", []timeline.Event{start(1), start(2), start(3), end(2), end(3)}, 1},
			{"two of three are over", []timeline.Event{start(1), start(2), start(3), end(1), end(3)}, 2},
			{"all are over", []timeline.Event{start(1), start(2), end(2), end(1)}, 2},
		} {
			if got := underWay(tt.events); got != lane(tt.want) {
				t.Errorf("%s, %s: %s, want call %d", ending, tt.name, got, tt.want)
			}
		}
	}
}

// An error of the world becomes an event from which the run is judged.
func TestExplain(t *testing.T) {
	call := []timeline.Event{seen(1, timeline.ClientLane(1), 1, timeline.CallStarted)}
	blocked := append(append([]timeline.Event{}, call...), timeline.Event{
		At: 9 * time.Second, Until: 9 * time.Second, Lane: timeline.ClientLane(1), Seq: 2, Kind: timeline.CallBlocked,
		Text: "x" + stillRunning, Count: 1,
	})
	engine := bubble.Goroutine{State: "select", Func: "engine.wait", Stack: "engine.wait()\nx.(*stage).invoke\n"}
	other := bubble.Goroutine{State: "select", Func: "engine.poll", Stack: "engine.poll()\n"}
	for _, tt := range []struct {
		name   string
		events []timeline.Event
		err    error
		kinds  string
		says   string // in the last event
	}{
		{"nothing", call, nil, "call-started", ""},
		{
			"a leak", call, &bubble.LeakError{Goroutines: []bubble.Goroutine{other}}, "call-started goroutine-leaked",
			"goroutine ",
		},
		{
			"two leaks", call, &bubble.LeakError{Goroutines: []bubble.Goroutine{other, other}},
			"call-started goroutine-leaked goroutine-leaked", "poll",
		},
		{
			"the call's own", blocked, &bubble.LeakError{Goroutines: []bubble.Goroutine{engine}},
			"call-started call-blocked", "wait",
		},
		{
			"the call's own and another", blocked, &bubble.LeakError{Goroutines: []bubble.Goroutine{engine, other}},
			"call-started call-blocked goroutine-leaked", "poll",
		},
		{
			"of a call that is not blocked", call, &bubble.LeakError{Goroutines: []bubble.Goroutine{engine}},
			"call-started goroutine-leaked", "wait",
		},
		{
			"another's, of a blocked call", blocked, &bubble.LeakError{Goroutines: []bubble.Goroutine{other}},
			"call-started call-blocked goroutine-leaked", "poll",
		},
		{"a deadlock", call, &bubble.DeadlockError{}, "call-started call-blocked", (&bubble.DeadlockError{}).Error()},
		{"a panic of the harness", call, &bubble.PanicError{Value: "oh"}, "call-started harness-failed", "oh"},
		{"anything else", call, errors.New("no port"), "call-started harness-failed", "no port"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var kinds []string
			all := explain(append([]timeline.Event{}, tt.events...), tt.err)
			for _, e := range all {
				kinds = append(kinds, e.Kind.String())
			}
			if got := strings.Join(kinds, " "); got != tt.kinds || !strings.Contains(all[len(all)-1].Text, tt.says) {
				t.Errorf("got %s: %q, want %s: %q", got, all[len(all)-1].Text, tt.kinds, tt.says)
			}
		})
	}
	// A blocked call gets one place.
	two := explain(append([]timeline.Event{}, blocked...), &bubble.LeakError{
		Goroutines: []bubble.Goroutine{engine, engine},
	})
	if len(two) != 3 || !strings.HasPrefix(two[1].Text, "x"+stillRunning+": ") ||
		two[2].Kind != timeline.GoroutineLeaked {
		t.Errorf("got %+v", two)
	}
}

// A storm is the provider's whose response has a quarter of all events, and the engine's otherwise.
func TestStormed(t *testing.T) {
	lane := timeline.ProviderLane("primary", 1, 1)
	pieces := func(n int, lane string) (all []timeline.Event) {
		for range n {
			all = append(all, timeline.Event{Lane: lane, Kind: timeline.TextSent})
		}
		return all
	}
	for _, tt := range []struct {
		name   string
		events []timeline.Event
		kind   timeline.Kind
		says   string
	}{
		{
			"below", pieces(ownStorm-1, lane), timeline.CallBlocked,
			"it caused a storm of more than 5000 requests or 200000 events",
		},
		{
			"at it", pieces(ownStorm, lane), timeline.HarnessFailed,
			"the script of " + lane + " has sent more than 50000 pieces: a storm of its own",
		},
		{
			"of two responses", append(pieces(ownStorm-1, lane), pieces(ownStorm-1, lane+"1")...), timeline.CallBlocked,
			"it caused a storm",
		},
		{"of the engine", pieces(ownStorm, timeline.EngineLane), timeline.CallBlocked, "it caused a storm"},
	} {
		all := stormed(tt.events, 1)
		if last := all[len(all)-1]; len(all) != len(tt.events)+1 || last.Kind != tt.kind ||
			!strings.HasPrefix(last.Text, tt.says) {
			t.Errorf("%s: got %s: %s", tt.name, last.Kind, last.Text)
		}
	}
}

// The place of a panic is its innermost frame.
func TestPanicText(t *testing.T) {
	stack := "goroutine 1 [running]:\nruntime/debug.Stack()\n\t/go/stack.go:26 +0x5e\n" +
		"panic({0x1, 0x2})\n\t/go/panic.go:9 +0x1\n" +
		"example.com/engine.(*Engine).Call(0xc0)\n\t/src/engine.go:33 +0x1d\nmain.main()\n"
	want := "nil map in example.com/engine.(*Engine).Call at /src/engine.go:33"
	if got := panicText("nil map", []byte(stack)); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	lines := strings.SplitAfter(stack, "\n")
	cut := strings.TrimSuffix(strings.Join(lines[:7], ""), "\n") // the last line is the one of the place
	if got := panicText("x", []byte(cut)); !strings.HasSuffix(got, " at /src/engine.go:33") {
		t.Errorf("got %q", got)
	}
	for _, short := range []string{"", "panic(1)", "panic(1)\n\ta\nb", "goroutine 1\na\nb\nc\nd"} {
		if got := panicText(7, []byte(short)); got != "7" {
			t.Errorf("%q: got %q", short, got)
		}
	}
}
