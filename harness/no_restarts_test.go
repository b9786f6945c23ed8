package harness_test

import (
	"context"
	"slices"
	"testing"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/harness/harnesstest/wrong"
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

// An engine that cannot tell its caller to start over does best to return an error once a part of an
// answer has arrived. It is not excused for anything else.
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
			trial := harness.Run(t, tt.scenario, tt.factory, harness.WithOutside(harness.Outside{NoRestarts: tt.noRestarts}))
			if trial.Verdict() != tt.want || !slices.Equal(trial.Judgement.Words, []string{tt.word}) {
				t.Errorf("got %s, %q: %+v\n%s", trial.Verdict(), trial.Judgement.Words, trial.Judgement.Results, trial.Timeline)
			}
		})
	}
}
