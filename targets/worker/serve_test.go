package worker_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/targets/worker"
)

// lines serves a worker these lines, and returns what it answers.
func lines(t *testing.T, build worker.Build, in ...string) []string {
	t.Helper()
	var out bytes.Buffer
	o := worker.Options{Build: build, Engine: "e 1", In: strings.NewReader(strings.Join(in, "\n") + "\n"), Out: &out}
	if err := worker.Serve(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(out.String()), "\n")
}

const run = `{"v":1,"run":{"scenario":"s","upstreams":[{"name":"primary","key":"sk-secret"}]}}`

// What the caller is told of an error has its type, its status and its wait, and no key.
func TestServeErrors(t *testing.T) {
	build := func(context.Context, worker.Run) (worker.Engine, error) {
		return worker.EngineFunc(func(context.Context, *worker.Call) (worker.End, error) {
			return worker.End{}, &worker.Error{
				Text: "no sk-secret for you", Type: "RateLimitError", Status: 429, RetryAfter: 1500 * time.Millisecond,
			}
		}), nil
	}
	want := []string{
		`{"run":true,"engine":"e 1"}`,
		`{"call":1,"error":"no [key] for you","type":"RateLimitError","status":429,"retry_after_s":1.5}`,
	}
	if diff := cmp.Diff(want, lines(t, build, run, `{"v":1,"call":1,"prompt":"hi"}`)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// An engine that cannot be built says why, and one that cannot run the scenario at all is skipped.
func TestBuildFails(t *testing.T) {
	for want, err := range map[string]error{
		`{"error":"no [key] here"}`:                      errors.New("no sk-secret here"),
		`{"skip":"no Gemini"}`:                           worker.Skip("no Gemini"),
		`{"skip":"the engine cannot run this scenario"}`: worker.Skip(""),
		`{"error":"told","type":"T"}`:                    &worker.Error{Text: "told", Type: "T"},
	} {
		got := lines(t, func(context.Context, worker.Run) (worker.Engine, error) { return nil, err }, run)
		if diff := cmp.Diff([]string{want}, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

// Messages are never empty, and tools arrive as they are.
func TestServeMessages(t *testing.T) {
	build := func(context.Context, worker.Run) (worker.Engine, error) {
		return worker.EngineFunc(func(_ context.Context, c *worker.Call) (worker.End, error) {
			c.Text(c.Messages[0].Role + " " + c.Messages[0].Content + " " + c.Prompt + " " + string(c.Tools) + " " +
				c.Deadline.String())
			c.Text("") // is left out
			return worker.End{}, nil
		}), nil
	}
	got := lines(t, build, run, `{"v":1,"call":1,"prompt":"hi","tools":[1],"deadline_s":2.5}`)
	want := []string{`{"run":true,"engine":"e 1"}`, `{"call":1,"text":"user hi hi [1] 2.5s"}`, `{"call":1,"end":true}`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Settings come from the environment; "default" leaves the engine's own.
func TestSettings(t *testing.T) {
	for text, want := range map[string]time.Duration{"10s": 10 * time.Second, "default": 0, "": 0, "0s": 0} {
		t.Setenv("TIMEOUT", text)
		d, set, err := worker.Seconds("TIMEOUT")
		if d != want || set != (text == "10s" || text == "0s") || err != nil {
			t.Errorf("%q: got %v, %t, %v", text, d, set, err)
		}
	}
	for text, want := range map[string]int{"3": 3, "default": 0, "": 0, "0": 0} {
		t.Setenv("RETRIES", text)
		n, set, err := worker.Number("RETRIES")
		if n != want || set != (text == "3" || text == "0") || err != nil {
			t.Errorf("%q: got %v, %t, %v", text, n, set, err)
		}
	}
	t.Setenv("TIMEOUT", "ten")
	t.Setenv("RETRIES", "many")
	if _, _, err := worker.Seconds("TIMEOUT"); err == nil || !strings.HasPrefix(err.Error(), "TIMEOUT: ") {
		t.Errorf("got %v", err)
	}
	if _, _, err := worker.Number("RETRIES"); err == nil || !strings.HasPrefix(err.Error(), "RETRIES: ") {
		t.Errorf("got %v", err)
	}
}
