package targets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/harness/harnesstest/wrong"
	"github.com/chaosrun/chaosrun/timeline"
)

// talkTo begins a dialog with the engine of a factory, which is a worker in this process.
func talkTo(t *testing.T, f harness.Factory) *dialog {
	t.Helper()
	in, send := io.Pipe()
	receive, out := io.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = ServeWorker(context.Background(), WorkerOptions{Factory: f, Engine: "engine 1", In: in, Out: out})
		_ = out.Close()
	}()
	t.Cleanup(func() {
		_ = send.Close()
		<-ended
	})
	return newDialog(send, receive, io.Discard)
}

func TestDialog(t *testing.T) {
	d := talkTo(t, talking)
	lab := func(scenario string) harness.Lab {
		return harness.NewLab(harness.LabOptions{
			Scenario: scenario, Upstreams: []harness.Upstream{{Name: "primary", URL: "http://h"}},
		})
	}
	if _, skip, err := d.start(t.Context(), introduction(lab("no-gemini"))); skip != "no Gemini" || err != nil {
		t.Errorf("got %q, %v", skip, err)
	}
	if _, _, err := d.start(t.Context(), introduction(lab("no-world"))); err == nil ||
		err.Error() != "the worker could not build the engine: no world" {
		t.Errorf("got %v", err)
	}
	if engine, skip, err := d.start(t.Context(), introduction(lab("s"))); engine != "engine 1" || skip != "" ||
		err != nil {
		t.Errorf("got %q, %q, %v", engine, skip, err)
	}
	var got []harness.Delta
	if err := d.Call(t.Context(), harness.Request{Prompt: "pieces"}, func(d harness.Delta) {
		got = append(got,
			d)
	}); err != nil {
		t.Error(err)
	}
	want := []harness.Delta{
		{Kind: harness.DeltaThinking, Text: "hm"},
		harness.Text("hel<"), harness.Restart(),
		harness.ToolCall(0, "id", "look", `{}`),
		{Kind: harness.DeltaModel, Text: "m"},
		{Kind: harness.DeltaUsage, Text: "3 in, 5 out"},
		{Kind: harness.DeltaFinish, Text: "stop"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	var calls sync.WaitGroup
	for range 3 {
		calls.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			err := d.Call(ctx, harness.Request{Prompt: "hang"}, func(harness.Delta) { cancel() })
			if err == nil || err.Error() != "context canceled" {
				t.Errorf("got %v", err)
			}
		})
	}
	calls.Wait()
}

// An honest engine passes through a dialog what it passes without one, and a wrong one is found. It
// takes the real time of three scenarios, some five seconds.
func TestEnginesThroughADialog(t *testing.T) {
	t.Parallel()
	through := func(f harness.Factory) harness.Factory {
		return func(lab harness.Lab) harness.Target {
			d := talkTo(t, f)
			_, skip, err := d.start(lab.Context(), introduction(lab))
			if skip != "" || err != nil {
				return harness.CannotLook{Reason: fmt.Sprintf("%s %v", skip, err)}
			}
			return d
		}
	}
	outside, wall := harness.WithOutside(harness.Outside{WarmUp: 1}), harness.WithClock(harness.Wall())
	for _, scenario := range []string{"server-error", "mid-stream-drop"} {
		harness.Run(t, scenario, through(harnesstest.Plain), outside, wall).Check(t)
	}
	run := harness.Run(t, "mid-stream-drop", through(wrong.Splices()), outside, wall)
	if outcome, _ := run.Timeline.Outcome(1); outcome != timeline.Spliced || run.Verdict() != assertions.Failed {
		t.Errorf("an engine that splices: got %s and %s\n%s", outcome, run.Verdict(), run.Timeline)
	}
}

func TestWorkersThatAreWrong(t *testing.T) {
	const ready = `{"run":true}` + "\n"
	for name, tt := range map[string]struct{ says, want string }{
		"ends before the run": {"", "the worker did not answer the run: it ended"},
		"ends in the call":    {ready + "Traceback\n", "the worker broke off a call: it ended"},
		"garbage": {
			ready + "{oops\n", `the worker broke off a call: it answered a line that is not of the protocol: "{oops"`,
		},
		"another call": {
			ready + `{"call":7,"end":true}` + "\n",
			`the worker broke off a call: it answered a call that was not made: "{\"call\":7,\"end\":true}"`,
		},
		"nothing": {
			ready + "{}\n",
			`the worker broke off a call: it answered a line that belongs neither to a run nor to a call: "{}"`,
		},
		"an endless line": {
			ready + "{" + strings.Repeat("x", maxWorkerLine),
			"the worker broke off a call: it answered with a line of more than 16 MiB",
		},
		"cannot build": {
			`{"error":"no key","type":"KeyError"}` + "\n", "the worker could not build the engine: KeyError: no key",
		},
		"fails": {
			ready + `{"call":1,"text":"a"}` + "\n" +
				`{"call":1,"error":"slow down","type":"RateLimitError","status":429}` + "\n",
			"429 RateLimitError: slow down",
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			receive, out := io.Pipe()
			asked := make(chan struct{}, 10)
			in := writer(func(p []byte) { asked <- struct{}{} })
			go func() { // it says each line when it was asked
				defer out.Close()
				<-asked
				for line := range strings.Lines(tt.says) {
					_, _ = io.WriteString(out, line)
					if line == ready {
						<-asked
					}
				}
			}()
			var log bytes.Buffer
			d := newDialog(in, receive, &log)
			_, _, err := d.start(ctx, workerRun{})
			if err == nil {
				err = d.Call(ctx, harness.Request{}, func(harness.Delta) {})
			}
			if err == nil || err.Error() != tt.want {
				t.Errorf("got %v\nwant %s", err, tt.want)
			}
			_, cannot := errors.AsType[harness.CannotLook](err)
			if cannot == (name == "fails") {
				t.Errorf("cannot look: %v", cannot)
			}
			<-d.over
			if strings.Contains(tt.says, "Traceback") && log.String() != "Traceback\n" {
				t.Errorf("got the log %q", &log)
			}
		})
	}
}

// A writer calls itself with what is written.
type writer func(p []byte)

func (w writer) Write(p []byte) (int, error) {
	w(p)
	return len(p), nil
}
