package fakeprovider_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

// beats are heartbeats without end.
func beats(every time.Duration) fakeprovider.Repeat {
	return fakeprovider.Repeat{Every: every, Steps: fakeprovider.Script{fakeprovider.Heartbeat{}}}
}

func TestPace(t *testing.T) {
	t.Parallel()
	const asked = 500 * time.Millisecond
	wait := func(d time.Duration) fakeprovider.Step { return fakeprovider.Wait{For: d} }
	finite := beats(10 * time.Second)
	finite.Times = 3
	content := fakeprovider.Repeat{Every: time.Second, Steps: fakeprovider.Script{fakeprovider.Text{}}}
	inside := fakeprovider.Repeat{Steps: fakeprovider.Script{fakeprovider.Comment{}, wait(10 * time.Second)}}
	insideQuick := fakeprovider.Repeat{Steps: fakeprovider.Script{fakeprovider.Comment{}, wait(asked)}}
	for name, c := range map[string]struct {
		fault, want fakeprovider.Fault
		pace        time.Duration
	}{
		"a fault": {
			fault.HeartbeatOnly{Every: 10 * time.Second}, fault.HeartbeatOnly{Every: asked}, 10 * time.Second,
		},
		"its default": {fault.PingOnly{}, fault.PingOnly{Every: asked}, 30 * time.Second},
		"one that is quicker": {
			fault.CommentOnly{Every: 100 * time.Millisecond},
			fault.CommentOnly{Every: 100 * time.Millisecond},
			100 * time.Millisecond,
		},
		"content":   {fault.SlowTrickle{Every: time.Second}, fault.SlowTrickle{Every: time.Second}, 0},
		"reasoning": {fault.ThinkingOnly{Every: time.Second}, fault.ThinkingOnly{Every: time.Second}, 0},
		"a limited one": {
			fakeprovider.Limited{Fault: fault.EmptyDeltas{}, Limit: fakeprovider.Limit{First: 1}},
			fakeprovider.Limited{Fault: fault.EmptyDeltas{Every: asked}, Limit: fakeprovider.Limit{First: 1}},
			10 * time.Second,
		},
		"parts": {
			fakeprovider.Together{fault.CRLF{}, fault.HeartbeatOnly{}},
			fakeprovider.Together{fault.CRLF{}, fault.HeartbeatOnly{Every: asked}},
			10 * time.Second,
		},
		"a script": {
			fakeprovider.Script{fakeprovider.Respond{}, beats(10 * time.Second)},
			fakeprovider.Script{fakeprovider.Respond{}, beats(asked)},
			10 * time.Second,
		},
		"a pause before the first": {
			fakeprovider.Script{fakeprovider.Text{}, wait(10 * time.Second), beats(10 * time.Second)},
			fakeprovider.Script{fakeprovider.Text{}, wait(asked), beats(asked)},
			10 * time.Second,
		},
		"a silence of its own before the first": {
			fakeprovider.Script{wait(time.Minute), beats(10 * time.Second)},
			fakeprovider.Script{wait(time.Minute), beats(asked)},
			10 * time.Second,
		},
		"pauses among the steps": {
			fakeprovider.Script{inside}, fakeprovider.Script{insideQuick}, 10 * time.Second,
		},
		"an answer that is only late": {
			fakeprovider.Script{finite, fakeprovider.Text{}}, fakeprovider.Script{finite, fakeprovider.Text{}}, 0,
		},
		"a script that repeats content": {fakeprovider.Script{content}, fakeprovider.Script{content}, 0},
		"nothing that is sent, for ever": {
			fakeprovider.Script{fakeprovider.Repeat{Every: time.Second, Steps: fakeprovider.Script{wait(1)}}},
			fakeprovider.Script{fakeprovider.Repeat{Every: time.Second, Steps: fakeprovider.Script{wait(1)}}},
			0,
		},
	} {
		if got := fakeprovider.PaceOf(c.fault); got != c.pace {
			t.Errorf("%s: its pace is %s, want %s", name, got, c.pace)
		}
		if diff := cmp.Diff(fakeprovider.AtPace(c.fault, asked), c.want); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
		if got := fakeprovider.PaceOf(c.fault); got != c.pace {
			t.Errorf("%s: it was modified", name)
		}
	}
}

// TestPacedFaults lists the faults that hold a stream open without content. A fault that sends
// something for ever belongs here, unless it is content, or its bytes are those of an answer.
func TestPacedFaults(t *testing.T) {
	t.Parallel()
	var got []string
	for _, info := range fault.All() {
		pace := fakeprovider.PaceOf(info.Default)
		if pace == 0 {
			continue
		}
		got = append(got, info.Name)
		if again := fakeprovider.PaceOf(fakeprovider.AtPace(info.Default, time.Second)); again != time.Second {
			t.Errorf("%s at a pace of 1s has one of %s", info.Name, again)
		}
		if again := fakeprovider.AtPace(info.Default, time.Hour); !cmp.Equal(again, info.Default) {
			t.Errorf("%s at a pace of 1h became %v", info.Name, again)
		}
	}
	want := []string{
		"heartbeat-only", "comment-only", "ping-only", "role-only", "empty-deltas", "pings-after-content",
		"continue-stall",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Error(diff)
	}
}
