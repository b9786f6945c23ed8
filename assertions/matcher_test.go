package assertions_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// A trial holds a timeline, as harness.Trial does.
type trial struct{ seen timeline.Timeline }

func (t trial) Observed() timeline.Timeline { return t.seen }

// What is no verdict about the engine is an error of its own kind, and passes neither way.
func TestMatcherErrors(t *testing.T) {
	skipped, outside, unfinished := healthy(), healthy(), cut(5)
	skipped.Run.Skipped = "no HTTP/2"
	outside.Run.Outside = true
	within := assertions.HaveFallenBackWithin(time.Minute)
	var skip *assertions.SkippedError
	var unknown *assertions.UnknownError
	var premise *assertions.PremiseError
	var mistake *assertions.MistakeError
	for _, tt := range []struct {
		name string
		got  func() (bool, error)
		kind func(error) bool
		want string
	}{
		{
			"a skipped run", func() (bool, error) { return within.Match(skipped) },
			func(err error) bool { return errors.As(err, &skip) }, "time_to_fallback: skipped: no HTTP/2",
		},
		{
			"what nobody can see", func() (bool, error) { return assertions.HaveLeakedNothing().Match(&outside) },
			func(err error) bool { return errors.As(err, &skip) },
			"no_leaks: skipped: another process's goroutines and sockets cannot be seen",
		},
		{
			"what is not decided", func() (bool, error) { return within.Match(trial{unfinished}) },
			func(err error) bool { return errors.As(err, &unknown) },
			"time_to_fallback: unknown: fallback did not happen before the call was cut after 5s, which is before " +
				"the limit of 1m0s",
		},
		{
			"a broken premise", func() (bool, error) { return within.Match(timeline.Timeline{}) },
			func(err error) bool { return errors.As(err, &premise) }, "premise: the timeline names no provider",
		},
		{
			"a mistake", func() (bool, error) { return assertions.HaveAnsweredFrom("x").Match(healthy()) },
			func(err error) bool { return errors.As(err, &mistake) },
			`answer: the scenario has no provider "x"; it has primary and secondary`,
		},
		{
			"no run", func() (bool, error) { return within.Match((*timeline.Timeline)(nil)) },
			func(error) bool { return true }, "assertions: expected a timeline or a run, got *timeline.Timeline",
		},
		{
			"a number", func() (bool, error) { return within.Match(42) }, func(error) bool { return true },
			"assertions: expected a timeline or a run, got int",
		},
	} {
		if ok, err := tt.got(); ok || err == nil || !tt.kind(err) || err.Error() != tt.want {
			t.Errorf("%s: got %v, %v, want %q", tt.name, ok, err, tt.want)
		}
	}
}

func TestMatcherMessages(t *testing.T) {
	m := assertions.HaveGivenTheClient(assertions.ClientWire{Status: 200})
	if ok, err := m.Match(trial{with(framed("chunk"), at(0, first, timeline.RequestReceived, ""))}); !ok || err != nil {
		t.Errorf("got %v, %v", ok, err)
	}
	want := "client_wire: expected not to hold, but: the client of call 1 got what it has to: status 200, " +
		"text/event-stream"
	if got := m.NegatedFailureMessage(nil); !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
