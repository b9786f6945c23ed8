package harness_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/harness/harnesstest/wrong"
	"github.com/chaosrun/chaosrun/scenarios"
)

// honest is the plain engine behind a wire without a word for starting over.
func honest(lab harness.Lab) harness.Target {
	plain := harnesstest.Plain(lab)
	return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
		req.Restarts = false
		return plain.Call(ctx, req, emit)
	})
}

// content is honest, but calls a part of an answer a success.
func content(lab harness.Lab) harness.Target {
	engine := honest(lab)
	return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
		_ = engine.Call(ctx, req, emit) // it is the point
		return nil
	})
}

// An engine that cannot tell its caller to start over does best to return an error once a part of
// an answer has arrived. It is not excused for anything else.
func TestEnginesWithoutRestarts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		scenario   string
		factory    harness.Factory
		noRestarts bool
		want       assertions.Verdict
		word       string
	}{
		{"an error", "mid-stream-drop", honest, true, assertions.Passed, "safe"},
		{"an error that need not have been", "mid-stream-drop", honest, false, assertions.Failed, "failed"},
		{"two answers in one", "mid-stream-drop", wrong.Splices(), true, assertions.Failed, "spliced"},
		{"a part for the whole", "mid-stream-drop", content, true, assertions.Failed, "truncated"},
		{"a fallback before there is text", "server-error", honest, true, assertions.Passed, "answered"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			trial := harness.Run(t, tt.scenario, tt.factory,
				harness.WithOutside(harness.Outside{NoRestarts: tt.noRestarts}))
			if trial.Verdict() != tt.want || !slices.Equal(trial.Judgement.Words, []string{tt.word}) {
				t.Errorf("got %s, %q: %+v\n%s", trial.Verdict(), trial.Judgement.Words, trial.Judgement.Results,
					trial.Timeline)
			}
		})
	}
}

// quitter asks the primary alone, and returns its error.
func quitter(lab harness.Lab) harness.Target {
	engine := honest(lab)
	return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		said := false
		stop := time.AfterFunc(time.Millisecond, func() { cancel(errors.New("no patience")) })
		defer stop.Stop()
		err := engine.Call(ctx, req, func(d harness.Delta) { said = true; emit(d) })
		if said {
			return err
		}
		return errors.Join(err, context.Cause(ctx))
	})
}

// Over single faults an engine that ends with an error once a part of an answer has arrived is
// right if its caller cannot start over, and only then. An error before there is any text is as
// wrong as a part for the whole.
func TestFaultsForACallerWithoutRestarts(t *testing.T) {
	t.Parallel()
	excused, broken := 0, 0
	for _, info := range fault.All() {
		s := scenarios.OfFault(info.Name, info.Default)
		if harness.RunScenario(s, harnesstest.Plain).Verdict() != assertions.Passed {
			continue // the plain engine is wrong about it in any case
		}
		usual, without := harness.RunScenario(s, honest), harness.RunScenario(s, honest, harness.WithRestarts(false))
		if without.Verdict() != assertions.Passed {
			t.Errorf("%s: got %s: %+v", info.Name, without.Verdict(), without.Judgement.Results)
		}
		if usual.Verdict() == assertions.Failed {
			excused++
			part := info.Name != "content-filter" // the provider itself calls that whole
			if wrong := harness.RunScenario(s, content, harness.WithRestarts(false)); part &&
				wrong.Verdict() != assertions.Failed {
				t.Errorf("%s: a part for the whole is %s", info.Name, wrong.Verdict())
			}
		}
		if early := harness.RunScenario(s, quitter, harness.WithRestarts(false)); early.Verdict() == assertions.Failed {
			broken++
		} else if c, _ := early.Timeline.Client(1); c.Text() == "" && c.Calls == "" {
			t.Errorf("%s: an error without any text is %s", info.Name, early.Verdict())
		}
	}
	if excused < 9 || broken == 0 {
		t.Errorf("%d faults are excused, and %d end too early", excused, broken)
	}
}

func TestOptionsOfOneRun(t *testing.T) {
	t.Parallel()
	either := harness.WithExpect(assertions.Answer{Outcome: assertions.Outcomes{"answered", "failed"}},
		assertions.NoLeaks{})
	for _, tt := range []struct {
		name    string
		what    any
		factory harness.Factory
		opts    []harness.Option
		want    assertions.Verdict
	}{
		{"an error is one of two outcomes", fault.MidStreamDrop{}, honest, []harness.Option{either}, assertions.Passed},
		{"and without that it is wrong", fault.MidStreamDrop{}, honest, nil, assertions.Failed},
		{
			"a part for the whole is neither",
			fault.MidStreamDrop{},
			content,
			[]harness.Option{either},
			assertions.Failed,
		},
		{
			"a deadline that is long enough",
			fault.HeartbeatOnly{},
			honest,
			[]harness.Option{harness.WithDeadline(43 * time.Second)},
			assertions.Passed,
		},
		{
			"a deadline that is too short",
			fault.HeartbeatOnly{},
			honest,
			[]harness.Option{harness.WithDeadline(41 * time.Second)},
			assertions.Failed,
		},
		{
			"a limit that holds", "server-error", honest,
			[]harness.Option{harness.WithExpect(assertions.TimeToFallback{Max: time.Minute})},
			assertions.Passed,
		},
		{
			"a limit that does not", "server-error", honest,
			[]harness.Option{harness.WithExpect(assertions.TimeToFallback{Max: time.Millisecond})},
			assertions.Failed,
		},
	} {
		run := harness.Run(t, tt.what, tt.factory, tt.opts...)
		if run.Verdict() != tt.want {
			t.Errorf("%s: got %s: %+v\n%s", tt.name, run.Verdict(), run.Judgement.Results, run.Timeline)
		}
	}
	var said told
	typo := harness.WithExpect(assertions.Answer{From: "primry"})
	if harness.Run(&said, "healthy", honest,
		typo); said.text != `scenario "healthy": unknown provider "primry" (did you mean "primary"?)` {
		t.Errorf("got %q", said.text)
	}
	said = told{}
	if harness.Run(&said, "healthy", honest,
		harness.WithDeadline(
			-time.Second)); said.text != `scenario "healthy": the deadline has to be above zero, not -1s` {
		t.Errorf("got %q", said.text)
	}
}
