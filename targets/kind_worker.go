package targets

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/internal/process"
)

const (
	// workerWithin is the real time that a worker has to answer a run. The imports of a large Python
	// library take a tenth of it on a busy machine.
	workerWithin = 2 * time.Minute
	// cancelGrace is the real time in which a cancelled call has to end. After it the worker is killed.
	cancelGrace = 5 * time.Second
	// quoted is how much of a wrong line a message has, in bytes.
	quotedLine = 120
)

// A workerEngine is the harness's side of the worker protocol.
type workerEngine struct {
	in   *instance
	send chan []byte
	// broken is closed when the worker cannot be used any more, why says the reason then.
	broken chan struct{}

	mu       sync.Mutex
	why      string
	building chan fromWorker // nil if no run is to be answered
	calls    map[int]*workerCall
	last     int
	name     string // of the engine, with its version, as the worker says
}

var _ engine = (*workerEngine)(nil)

// A workerCall is a call under way.
type workerCall struct {
	mu   sync.Mutex
	emit func(harness.Delta) // nil when the call has returned
	done chan struct{}
	err  error
}

// startWorker starts a worker. It is not ready before [workerEngine.begin] returns.
func (p *pool) startWorker(lab harness.Lab) (engine, error) {
	in, err := p.prepare(lab)
	if err != nil {
		return nil, err
	}
	if err := in.fill(); err != nil {
		in.close()
		return nil, err
	}
	w := &workerEngine{in: in, send: make(chan []byte, 16), broken: make(chan struct{}), calls: map[int]*workerCall{}}
	lines := &lineReader{take: w.take, log: in.log, tooLong: func(beginning []byte) {
		w.fail("the worker wrote a line of more than %d MiB: %s", maxLine>>20, process.Cut(string(beginning), quotedLine))
	}}
	if in.proc, err = in.run(lab.Context(), in.target.start().Command, lines, nil); err != nil {
		in.close()
		return nil, err
	}
	go w.write()
	return w, nil
}

// write writes lines to the worker until it is gone. A worker that does not read blocks nothing
// else.
func (w *workerEngine) write() {
	for {
		select {
		case line := <-w.send:
			if _, err := w.in.proc.Stdin().Write(line); err != nil {
				return // what ended it is seen elsewhere
			}
		case <-w.in.proc.Done():
			return
		}
	}
}

// say queues a line.
func (w *workerEngine) say(ctx context.Context, line toWorker) {
	line.V = workerVersion
	data, err := json.Marshal(line)
	if err != nil {
		return // it has texts and numbers
	}
	select {
	case w.send <- append(data, '\n'):
	case <-w.in.proc.Done():
	case <-ctx.Done():
	}
}

// fail makes the worker unusable. The first reason stands.
func (w *workerEngine) fail(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.why == "" {
		w.why = fmt.Sprintf(format, args...)
		close(w.broken)
	}
}

func (w *workerEngine) reason() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.why
}

// take takes one line of the worker.
func (w *workerEngine) take(data []byte) {
	var line fromWorker
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&line); err != nil || decoder.More() {
		w.fail("the worker wrote a line that is not of the protocol: %s", process.Cut(string(data), quotedLine))
		return
	}
	w.mu.Lock()
	call, building, last := w.calls[line.Call], w.building, w.last
	switch {
	case line.Call != 0:
	case building != nil && (line.Run || line.Skip != "" || line.Error != nil):
		w.building = nil
	default:
		building = nil
	}
	w.mu.Unlock()
	switch {
	case line.Call == 0 && building != nil:
		building <- line // it has room for one
	case line.Call == 0:
		w.fail("the worker wrote a line that answers nothing: %s", process.Cut(string(data), quotedLine))
	case call != nil:
		call.take(line)
	case line.Call > 0 && line.Call <= last:
		w.fail("the worker wrote a line for call %d, which has ended: %s", line.Call, process.Cut(string(data), quotedLine))
	default:
		w.fail("the worker wrote a line for call %d, which was not made: %s", line.Call, process.Cut(string(data), quotedLine))
	}
}

// take takes a piece of the answer.
func (c *workerCall) take(line fromWorker) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.emit == nil || isClosed(c.done) {
		return // it was cancelled, or a line after its end came in the same moment
	}
	for _, d := range line.deltas() {
		c.emit(d)
	}
	switch {
	case line.Error != nil:
		c.err = errors.New(line.failure())
		close(c.done)
	case line.End:
		close(c.done)
	}
}

func isClosed(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// deltas returns what the caller sees of a line.
func (l fromWorker) deltas() (all []harness.Delta) {
	add := func(kind harness.DeltaKind, text string) {
		if text != "" {
			all = append(all, harness.Delta{Kind: kind, Text: text})
		}
	}
	if l.Restart {
		all = append(all, harness.Restart())
	}
	add(harness.DeltaThinking, l.Thinking)
	add(harness.DeltaText, l.Text)
	if l.Tool != nil {
		add(harness.DeltaToolCall, l.Tool.Name+l.Tool.Arguments)
	}
	add(harness.DeltaModel, l.Model)
	if l.Usage != nil {
		add(harness.DeltaUsage, fmt.Sprintf("%d in, %d out", l.Usage.Input, l.Usage.Output))
	}
	add(harness.DeltaFinish, l.Finish)
	return all
}

// failure returns an error in one text: "RateLimitError 429, retry after 60s: slow down".
func (l fromWorker) failure() string {
	head := l.Type
	if l.Status != 0 {
		head = strings.TrimSpace(head + " " + strconv.Itoa(l.Status))
	}
	if l.RetryAfter > 0 {
		head = strings.TrimPrefix(head+fmt.Sprintf(", retry after %gs", l.RetryAfter), ", ")
	}
	if head == "" {
		return *l.Error
	}
	return strings.TrimSuffix(head+": "+*l.Error, ": ")
}

// begin sends a run to the worker and waits until it is ready for calls.
func (w *workerEngine) begin(lab harness.Lab) error {
	run := &workerRun{Scenario: lab.Scenario(), Seed: lab.Seed()}
	if scale := lab.Scale(); scale != 1 {
		run.Scale = scale
	}
	for _, u := range lab.Upstreams() {
		run.Upstreams = append(run.Upstreams, workerUpstream{Name: u.Name, Protocol: u.Protocol, URL: u.URL, BaseURL: u.BaseURL, Key: u.Key, Model: u.Model})
	}
	answer := make(chan fromWorker, 1)
	w.mu.Lock()
	w.building = answer
	w.mu.Unlock()
	ctx, cancel := context.WithTimeout(lab.Context(), workerWithin)
	defer cancel()
	w.say(ctx, toWorker{Run: run})
	select {
	case line := <-answer:
		return w.ready(line)
	case <-w.broken:
		return errors.New(w.reason() + w.in.said())
	case <-w.in.proc.Done():
		if text := panicked(w.in.proc.Err(), w.in.log.Tail(traceLines)); text != "" {
			return harness.Panicked{Text: "while it was built: " + text}
		}
		return fmt.Errorf("%s before it was ready%s%s", w.in.ended(w.in.proc.Err()), w.in.said(), w.in.target.hint("; "))
	case <-ctx.Done():
		if lab.Context().Err() != nil {
			return errors.New("interrupted before it was ready")
		}
		return fmt.Errorf("the worker did not answer the run within %s%s", workerWithin, w.in.said())
	}
}

// ready takes the answer to a run.
func (w *workerEngine) ready(line fromWorker) error {
	switch {
	case line.Skip != "":
		return skipped{line.Skip}
	case line.Error != nil:
		return fmt.Errorf("the worker cannot build its engine: %s%s%s", line.failure(), w.in.said(), w.in.target.hint("; "))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.name = line.Engine
	return nil
}

// Call makes a call. What the worker does wrong is a [harness.CannotLook].
func (w *workerEngine) Call(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
	c := &workerCall{emit: emit, done: make(chan struct{})}
	w.mu.Lock()
	w.last++
	id := w.last
	w.calls[id] = c
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		delete(w.calls, id)
		w.mu.Unlock()
		c.mu.Lock()
		c.emit = nil
		c.mu.Unlock()
	}()
	if isClosed(w.broken) {
		return harness.CannotLook{Reason: w.reason()}
	}
	w.say(ctx, toWorker{
		Call: id, Prompt: req.Prompt, Stream: req.Stream, Restarts: req.Restarts,
		ContextTokens: req.ContextTokens, ContextWindow: req.ContextWindow,
	})
	select {
	case <-c.done:
		return c.err
	case <-w.broken:
		return harness.CannotLook{Reason: w.reason()}
	case <-w.in.proc.Done():
		return w.died(c, id)
	case <-ctx.Done():
		w.cancel(c, id)
		return ctx.Err() //nolint:wrapcheck // it is ignored
	}
}

// cancel cancels a call, and kills a worker that does not end it.
func (w *workerEngine) cancel(c *workerCall, id int) {
	grace, stop := context.WithTimeout(context.Background(), cancelGrace)
	defer stop()
	w.say(grace, toWorker{Cancel: id})
	select {
	case <-c.done:
	case <-w.broken:
	case <-w.in.proc.Done():
	case <-grace.Done():
		w.fail("the worker was killed: it did not end call %d within %s of its cancellation", id, cancelGrace)
		w.in.proc.Kill()
	}
}

// died returns what a call returns whose worker has ended.
func (w *workerEngine) died(c *workerCall, id int) error {
	if isClosed(c.done) {
		return c.err // it answered, and then ended
	}
	if isClosed(w.broken) {
		return harness.CannotLook{Reason: w.reason()}
	}
	err := w.in.proc.Err()
	if text := panicked(err, w.in.log.Tail(traceLines)); text != "" {
		return harness.Panicked{Text: text}
	}
	return harness.CannotLook{Reason: fmt.Sprintf("%s: the worker %s during call %d%s",
		w.in.label, strings.TrimPrefix(w.in.ended(err), "it "), id, w.in.said())}
}

// alive reports whether the worker can serve another run.
func (w *workerEngine) alive() bool {
	return !isClosed(w.broken) && !isClosed(w.in.proc.Done())
}

// Close ends the worker.
func (w *workerEngine) Close() error {
	w.in.close()
	return nil
}
