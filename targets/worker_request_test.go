package targets

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/scenarios"
)

// A request arrives at the engine of a worker as it was sent.
func TestRequestsThroughADialog(t *testing.T) {
	var got harness.Request
	d := talkTo(t, func(harness.Lab) harness.Target {
		return harness.TargetFunc(func(_ context.Context, req harness.Request, _ func(harness.Delta)) error {
			got = req
			return nil
		})
	})
	if _, _, err := d.start(t.Context(), workerRun{}); err != nil {
		t.Fatal(err)
	}
	talk := []harness.Message{{Role: "user", Text: "hi"}, {Role: "assistant", Text: "hello"}}
	for _, want := range []harness.Request{
		{Prompt: "p", Stream: true, Restarts: true, ContextTokens: 7, ContextWindow: 9},
		{Prompt: "p", System: "Be brief."},
		{Prompt: "p", Messages: talk},
		{
			Prompt: "p", System: "Be brief.", Messages: talk,
			Tools: []harness.Tool{{Name: "weather", Description: "of a town", Parameters: `{"type":"object"}`}},
		},
	} {
		if err := d.Call(t.Context(), want, func(harness.Delta) {}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

// Calls that are made at once overlap in a worker that says so, and a worker that does not is
// skipped.
func TestCallsAtOnceThroughADialog(t *testing.T) {
	t.Parallel()
	s := scenarios.OfFault("crowd", fault.NoResponse{})
	s.Calls[0].Count = 9
	var told int
	through := func(lab harness.Lab) harness.Target {
		d := talkTo(t, func(lab harness.Lab) harness.Target {
			told = lab.AtOnce()
			return harnesstest.NewPlain(harnesstest.Options{})(lab)
		})
		if _, skip, err := d.start(lab.Context(), introduction(lab)); skip != "" || err != nil {
			return harness.CannotLook{Reason: fmt.Sprintf("%s %v", skip, err)}
		}
		return d
	}
	outside, fast := harness.WithOutside(harness.Outside{WarmUp: 1}), harness.WithClock(harness.Accelerated(60))
	run := harness.RunScenario(s, through, outside, fast)
	for n := range s.Calls[0].Count {
		if outcome, from := run.Timeline.Outcome(n + 1); from != "secondary" {
			t.Errorf("call %d: %s by %q: %v\n%s", n+1, outcome, from, run.Judgement.Results, run.Timeline)
		}
	}
	if told != 9 {
		t.Errorf("the engine was told of %d calls at once", told)
	}
	d := newDialog(writer(func([]byte) {}), strings.NewReader(`{"run":true}`+"\n"), writer(func([]byte) {}))
	_, skip, err := d.start(t.Context(), workerRun{AtOnce: 9})
	if skip != "the scenario makes 9 calls at once, and the worker did not answer the run with `overlap`" ||
		err != nil {
		t.Errorf("got %q, %v", skip, err)
	}
}
