package targets

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/harness"
)

// talking is an engine whose answers are picked by the prompt.
func talking(lab harness.Lab) harness.Target {
	switch lab.Scenario() {
	case "no-gemini":
		return harness.Skip{Reason: "no Gemini"}
	case "no-world":
		return harness.CannotLook{Reason: "no world"}
	}
	lab.Explain("built for " + lab.Upstream("primary").BaseURL)
	return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
		switch req.Prompt {
		case "pieces":
			for _, d := range []harness.Delta{
				{Kind: harness.DeltaThinking, Text: "hm"},
				harness.Text("hel<"), harness.Restart(),
				harness.ToolCall(0, "id", "look", `{}`),
				{Kind: harness.DeltaModel, Text: "m"},
				{Kind: harness.DeltaUsage, Text: "3 in, 5 out"},
				{Kind: harness.DeltaFinish, Text: "stop"},
			} {
				emit(d)
			}
			return nil
		case "hang":
			emit(harness.Text("one"))
			<-ctx.Done()
			return context.Cause(ctx)
		case "stuck":
			emit(harness.Text("one"))
			select {}
		}
		if !req.Stream || !req.Restarts || req.ContextTokens != 7 || req.ContextWindow != 9 {
			return errors.New("got another request")
		}
		emit(harness.Text(req.Prompt))
		return nil
	})
}

// A conversation with a worker in this process.
type conversation struct {
	t     *testing.T
	in    *io.PipeWriter
	lines chan string
	ended chan error
	log   *bytes.Buffer
}

func converse(t *testing.T) *conversation {
	t.Helper()
	in, send := io.Pipe()
	receive, out := io.Pipe()
	c := &conversation{t: t, in: send, lines: make(chan string), ended: make(chan error, 1), log: &bytes.Buffer{}}
	go func() {
		c.ended <- ServeWorker(t.Context(), WorkerOptions{
			Factory: talking, Engine: "talker 1", In: in, Out: out, Log: c.log,
		})
		_ = out.Close()
	}()
	go func() {
		for s := bufio.NewScanner(receive); s.Scan(); {
			c.lines <- s.Text()
		}
	}()
	t.Cleanup(func() { _ = send.Close() })
	return c
}

func (c *conversation) send(line string) {
	c.t.Helper()
	if _, err := io.WriteString(c.in, line+"\n"); err != nil {
		c.t.Fatal(err)
	}
}

func (c *conversation) want(lines ...string) {
	c.t.Helper()
	for _, want := range lines {
		select {
		case got := <-c.lines:
			if diff := cmp.Diff(want, got); diff != "" {
				c.t.Errorf("(-want +got)\n%s", diff)
			}
		case <-time.After(10 * time.Second):
			c.t.Fatalf("no line came, want %s", want)
		}
	}
}

// end waits until the worker has ended.
func (c *conversation) end() error {
	c.t.Helper()
	select {
	case err := <-c.ended:
		return err
	case <-time.After(10 * time.Second):
		c.t.Fatal("the worker does not end")
		return nil
	}
}

// runOf introduces a run of a scenario.
func runOf(scenario string) string {
	return `{"v":1,"run":{"scenario":"` + scenario +
		`","seed":9,"upstreams":[{"name":"primary","protocol":"openai-chat","url":"http://h","base_url":"http://h/v1","key":"k","model":"m1"}]}}`
}

func TestServeWorker(t *testing.T) {
	c := converse(t)
	c.send(runOf("no-gemini"))
	c.want(`{"skip":"no Gemini"}`)
	c.send(runOf("no-world"))
	c.want(`{"error":"no world"}`)
	c.send(`{"v":1,"call":1,"prompt":"hello"}`)
	c.want(`{"call":1,"error":"got a call before a run that could be built"}`)
	c.send(runOf("s"))
	c.want(`{"run":true,"engine":"talker 1"}`)
	c.send(`{"v":1,"call":2,"prompt":"pieces"}`)
	c.want(`{"call":2,"thinking":"hm"}`, `{"call":2,"text":"hel<"}`, `{"call":2,"restart":true}`,
		`{"call":2,"tool":{"index":0,"id":"id","name":"look","arguments":"{}"}}`,
		`{"call":2,"end":true,"finish":"stop","model":"m","usage":{"input":3,"output":5}}`)
	c.send(
		`{"v":1,"call":3,"messages":[{"role":"user","content":"hi"}],"stream":true,"restarts":true,"context_tokens":7,"context_window":9}`)
	c.want(`{"call":3,"text":"hi"}`, `{"call":3,"end":true}`)
	c.send(`{"v":1,"call":4,"prompt":"hang"}`)
	c.want(`{"call":4,"text":"one"}`)
	c.send(`{"v":1,"call":5,"prompt":"hang"}`)
	c.want(`{"call":5,"text":"one"}`)
	c.send(`{"v":1,"cancel":4}`)
	c.want(`{"call":4,"error":"context canceled"}`)
	c.send(runOf("s")) // ends call 5
	c.want(`{"call":5,"error":"context canceled"}`, `{"run":true,"engine":"talker 1"}`)
	_ = c.in.Close()
	if err := c.end(); err != nil || !strings.Contains(c.log.String(), "explained: built for http://h/v1\n") {
		t.Errorf("got %v, and the log %q", err, c.log)
	}
}

// An engine that does not let go keeps neither the next run nor the end of the worker.
func TestServeWorkerLeavesAStuckCall(t *testing.T) {
	c := converse(t)
	c.send(runOf("s"))
	c.want(`{"run":true,"engine":"talker 1"}`)
	c.send(`{"v":1,"call":1,"prompt":"stuck"}`)
	c.want(`{"call":1,"text":"one"}`)
	_ = c.in.Close()
	if err := c.end(); err != nil {
		t.Error(err)
	}
}

func TestServeWorkerRefuses(t *testing.T) {
	for line, want := range map[string]string{
		`hello`:            `a line that is not JSON: "hello`,
		`{"v":2,"run":{}}`: "chaosrun speaks version 2 of the worker protocol, this program version 1",
	} {
		c := converse(t)
		c.send(line)
		if err := c.end(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
