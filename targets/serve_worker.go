package targets

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/chaosrun/chaosrun/harness"
)

// A WorkerOptions says what a worker serves.
type WorkerOptions struct {
	// Factory builds the engine, once per run.
	Factory harness.Factory
	// Engine is its name and version, for reports. Default: none.
	Engine string
	// In has the lines of chaosrun, and Out receives the answers. Nothing else may be written there.
	In  io.Reader
	Out io.Writer
	// Log receives what the engine explains. Default: it is discarded.
	Log io.Writer
}

// ServeWorker makes a worker of an engine: it answers the runs and calls that arrive on In, until
// In or ctx ends. A panic of the engine is not caught, so that it ends the process of the worker
// and not that of chaosrun. The error says what is wrong with a line.
func ServeWorker(ctx context.Context, o WorkerOptions) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &workerServer{options: o, out: json.NewEncoder(o.Out), calls: &sync.WaitGroup{}, cancels: map[int]context.CancelFunc{}}
	s.out.SetEscapeHTML(false)
	if s.options.Log == nil {
		s.options.Log = io.Discard
	}
	defer s.release()
	lines, failed := make(chan []byte), make(chan error, 1)
	go func() {
		in := bufio.NewReader(o.In)
		for {
			line, err := in.ReadBytes('\n')
			if len(line) > 1 {
				select {
				case lines <- line:
				case <-ctx.Done():
					return
				}
			}
			if err != nil {
				failed <- err
				return
			}
		}
	}()
	for {
		select {
		case line := <-lines:
			if err := s.take(ctx, line); err != nil {
				return err
			}
		case err := <-failed:
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("read the lines of chaosrun: %w", err)
		case <-ctx.Done():
			return nil
		}
	}
}

// A workerServer is the engine's side of the worker protocol.
type workerServer struct {
	options WorkerOptions
	target  harness.Target
	calls   *sync.WaitGroup

	mu      sync.Mutex // guards out and cancels
	out     *json.Encoder
	cancels map[int]context.CancelFunc
}

func (s *workerServer) take(ctx context.Context, data []byte) error {
	var line toWorker
	if err := json.Unmarshal(data, &line); err != nil {
		return fmt.Errorf("a line that is no JSON: %.80q", data)
	}
	if line.V != workerVersion {
		return fmt.Errorf("chaosrun speaks version %d of the worker protocol, this program version %d", line.V, workerVersion)
	}
	switch {
	case line.Run != nil:
		s.release()
		reply := make(chan fromWorker)
		go func() { reply <- s.build(ctx, *line.Run) }() // whoever called cannot catch its panic
		return s.write(<-reply)
	case line.Call > 0:
		s.begin(ctx, line)
	case line.Cancel > 0:
		s.mu.Lock()
		defer s.mu.Unlock()
		if cancel := s.cancels[line.Cancel]; cancel != nil {
			cancel()
		}
	}
	return nil
}

// build builds the engine of a run, and returns the answer.
func (s *workerServer) build(ctx context.Context, run workerRun) fromWorker {
	o := harness.LabOptions{
		Context: ctx, Scenario: run.Scenario, Seed: run.Seed, Scale: run.Scale,
		Explain: func(text string) { fmt.Fprintf(s.options.Log, "explained: %s\n", text) },
	}
	for _, u := range run.Upstreams {
		o.Upstreams = append(o.Upstreams, harness.Upstream{Name: u.Name, Protocol: u.Protocol, URL: u.URL, BaseURL: u.BaseURL, Key: u.Key, Model: u.Model})
	}
	refused := ""
	switch target := s.options.Factory(harness.NewLab(o)).(type) {
	case harness.Skip:
		return fromWorker{Skip: cmp.Or(target.Reason, "the engine cannot run it")}
	case harness.CannotLook:
		refused = target.Reason
	case nil:
		refused = "the factory returned no target"
	default:
		s.target = target
		return fromWorker{Run: true, Engine: s.options.Engine}
	}
	return fromWorker{Error: &refused}
}

// begin starts a call.
func (s *workerServer) begin(ctx context.Context, line toWorker) {
	ctx, cancel := context.WithCancel(ctx)
	s.mu.Lock()
	s.cancels[line.Call] = cancel
	s.mu.Unlock()
	target := s.target
	s.calls.Go(func() {
		end := fromWorker{Call: line.Call}
		err := errors.New("a call came before a run that could be built")
		if target != nil {
			err = target.Call(ctx, line.request(), func(d harness.Delta) { s.deliver(&end, d) })
		}
		end.End = err == nil
		if err != nil {
			text := err.Error()
			end.Error = &text
		}
		cancel()
		s.mu.Lock()
		delete(s.cancels, line.Call)
		s.mu.Unlock()
		_ = s.write(end) // the run is over if nobody reads
	})
}

// request returns the request of a call.
func (l toWorker) request() harness.Request {
	req := harness.Request{
		Prompt: l.Prompt, ContextTokens: l.ContextTokens, ContextWindow: l.ContextWindow, Stream: l.Stream, Restarts: l.Restarts,
	}
	var messages []struct {
		Content string `json:"content"`
	}
	if json.Unmarshal(l.Messages, &messages) == nil && len(messages) > 0 {
		req.Prompt = messages[len(messages)-1].Content
	}
	return req
}

// deliver writes a piece of an answer. What is known of the whole goes into its end.
func (s *workerServer) deliver(end *fromWorker, d harness.Delta) {
	line := fromWorker{Call: end.Call}
	switch d.Kind {
	case harness.DeltaText:
		line.Text = d.Text
	case harness.DeltaThinking:
		line.Thinking = d.Text
	case harness.DeltaToolCall:
		line.Tool = &workerTool{Arguments: d.Text} // name and arguments, one after the other
		if t := d.Tool; t != (harness.ToolPiece{}) {
			line.Tool = &workerTool{Index: max(0, t.Number-1), ID: t.ID, Name: t.Name, Arguments: t.Arguments}
		}
	case harness.DeltaRestart:
		line.Restart = true
	case harness.DeltaModel:
		end.Model = d.Text
		return
	case harness.DeltaFinish:
		end.Finish = d.Text
		return
	case harness.DeltaUsage:
		var usage workerUsage
		if _, err := fmt.Sscanf(d.Text, "%d in, %d out", &usage.Input, &usage.Output); err == nil {
			end.Usage = &usage
		}
		return
	}
	_ = s.write(line) // the run is over if nobody reads
}

func (s *workerServer) write(line fromWorker) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.out.Encode(line); err != nil {
		return fmt.Errorf("write to chaosrun: %w", err)
	}
	return nil
}

// patience is how long a cancelled call may take to end before it is left behind.
const patience = time.Second

// release cancels the calls, waits for them, and closes the engine.
func (s *workerServer) release() {
	s.mu.Lock()
	for _, cancel := range s.cancels {
		cancel()
	}
	s.mu.Unlock()
	calls, ended := s.calls, make(chan struct{})
	go func() {
		defer close(ended)
		calls.Wait()
	}()
	select {
	case <-ended:
	case <-time.After(patience):
		s.calls = &sync.WaitGroup{} // those of another run are waited for anew
	}
	if closer, ok := s.target.(io.Closer); ok {
		_ = closer.Close()
	}
	s.target = nil
}
