package worker

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// version is the version of the worker protocol.
const version = 1

// mostError bounds the text of an error, in bytes.
const mostError = 2000

// patience is how long Serve waits for a cancelled call to end.
const patience = time.Second

// Options configure [Serve].
type Options struct {
	// Build builds the engine, once per run.
	Build Build
	// Engine is its name and version, for reports. Default: none.
	Engine string
	// In has the lines of chaosrun, and Out receives the answers. Write nothing else to Out.
	In  io.Reader
	Out io.Writer
}

// Serve answers the runs and calls that arrive on In, until In or ctx ends. Serve does not recover
// a panic of the engine, which ends the worker's process but not chaosrun. The error says what is
// wrong with a line.
func Serve(ctx context.Context, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &server{
		options: o, out: json.NewEncoder(o.Out), calls: &sync.WaitGroup{}, cancels: map[int]context.CancelFunc{},
	}
	s.out.SetEscapeHTML(false)
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

// A toWorker is a line of chaosrun: a run, a call, or the cancellation of a call.
type toWorker struct {
	V             int             `json:"v"`
	Run           *Run            `json:"run"`
	Call          int             `json:"call"`
	Cancel        int             `json:"cancel"`
	Prompt        string          `json:"prompt"`
	Messages      json.RawMessage `json:"messages"`
	Tools         json.RawMessage `json:"tools"`
	Stream        bool            `json:"stream"`
	Restarts      bool            `json:"restarts"`
	ContextTokens int             `json:"context_tokens"`
	ContextWindow int             `json:"context_window"`
	Deadline      float64         `json:"deadline_s"`
}

// A fromWorker is a line to chaosrun: the answer to a run, or a piece of that to a call.
type fromWorker struct {
	Run        bool    `json:"run,omitempty"`
	Engine     string  `json:"engine,omitempty"`
	Overlap    bool    `json:"overlap,omitempty"`
	Skip       string  `json:"skip,omitempty"`
	Call       int     `json:"call,omitempty"`
	Text       string  `json:"text,omitempty"`
	Thinking   string  `json:"thinking,omitempty"`
	Tool       *Tool   `json:"tool,omitempty"`
	Restart    bool    `json:"restart,omitempty"`
	End        bool    `json:"end,omitempty"`
	Finish     string  `json:"finish,omitempty"`
	Model      string  `json:"model,omitempty"`
	Usage      *Usage  `json:"usage,omitempty"`
	Error      *string `json:"error,omitempty"`
	Type       string  `json:"type,omitempty"`
	Status     int     `json:"status,omitempty"`
	RetryAfter float64 `json:"retry_after_s,omitempty"`
}

// A server is the engine's side of the worker protocol.
type server struct {
	options Options
	engine  Engine
	// keys are not repeated in errors.
	keys  []string
	calls *sync.WaitGroup

	mu      sync.Mutex // guards out and cancels
	out     *json.Encoder
	cancels map[int]context.CancelFunc
}

func (s *server) take(ctx context.Context, data []byte) error {
	var line toWorker
	if err := json.Unmarshal(data, &line); err != nil {
		return fmt.Errorf("a line that is not JSON: %.80q", data)
	}
	if line.V != version {
		return fmt.Errorf("chaosrun speaks version %d of the worker protocol, this program version %d", line.V, version)
	}
	switch {
	case line.Run != nil:
		s.release()
		reply := make(chan fromWorker)
		go func() { reply <- s.build(ctx, *line.Run) }() // in another goroutine, so that no caller recovers its panic
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
func (s *server) build(ctx context.Context, run Run) fromWorker {
	s.keys = nil
	for _, u := range run.Upstreams {
		if u.Key != "" {
			s.keys = append(s.keys, u.Key)
		}
	}
	engine, err := s.options.Build(ctx, run)
	if skip, ok := errors.AsType[Skip](err); ok {
		return fromWorker{Skip: skip.Error()}
	}
	if err != nil {
		return s.problem(err)
	}
	s.engine = engine
	return fromWorker{Run: true, Engine: s.options.Engine, Overlap: run.AtOnce > 1}
}

// problem returns the line of an error.
func (s *server) problem(err error) fromWorker {
	text := err.Error()
	for _, key := range s.keys {
		text = strings.ReplaceAll(text, key, "[key]")
	}
	if len(text) > mostError {
		text = text[:mostError]
	}
	line := fromWorker{Error: &text}
	if known, ok := errors.AsType[*Error](err); ok {
		line.Type, line.Status, line.RetryAfter = known.Type, known.Status, known.RetryAfter.Seconds()
	}
	return line
}

// begin starts a call.
func (s *server) begin(ctx context.Context, line toWorker) {
	ctx, cancel := context.WithCancel(ctx)
	s.mu.Lock()
	s.cancels[line.Call] = cancel
	s.mu.Unlock()
	engine := s.engine
	s.calls.Go(func() {
		end := s.problem(errors.New("got a call before a run that could be built"))
		if engine != nil {
			said, err := engine.Call(ctx, s.call(line))
			end = fromWorker{End: true, Finish: said.Finish, Model: said.Model, Usage: said.Usage}
			if err != nil {
				end = s.problem(err)
			}
		}
		end.Call = line.Call
		cancel()
		s.mu.Lock()
		delete(s.cancels, line.Call)
		s.mu.Unlock()
		_ = s.write(end) // a failed write means that the run is over
	})
}

// call returns what a line asks for.
func (s *server) call(line toWorker) *Call {
	c := &Call{
		Prompt: line.Prompt, Tools: line.Tools, Stream: line.Stream, Restarts: line.Restarts,
		ContextTokens: line.ContextTokens, ContextWindow: line.ContextWindow,
		Deadline: time.Duration(line.Deadline * float64(time.Second)),
		give: func(piece fromWorker) {
			piece.Call = line.Call
			_ = s.write(piece) // a failed write means that the run is over
		},
	}
	if json.Unmarshal(line.Messages, &c.Messages) == nil && len(c.Messages) > 0 {
		c.Prompt = c.Messages[len(c.Messages)-1].Content
	} else {
		c.Messages = []Message{{Role: "user", Content: line.Prompt}}
	}
	return c
}

func (s *server) write(line fromWorker) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.out.Encode(line); err != nil {
		return fmt.Errorf("write to chaosrun: %w", err)
	}
	return nil
}

// release cancels the calls, waits for them, and closes the engine.
func (s *server) release() {
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
		s.calls = &sync.WaitGroup{} // the calls of the next run are counted anew
	}
	if closer, ok := s.engine.(io.Closer); ok {
		_ = closer.Close()
	}
	s.engine = nil
}
