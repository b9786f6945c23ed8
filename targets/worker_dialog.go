package targets

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/chaosrun/chaosrun/harness"
)

// maxWorkerLine bounds a line of a worker, in bytes.
const maxWorkerLine = 16 << 20

// A dialog is chaosrun's side of the worker protocol, with a worker that runs. It is safe for
// concurrent use.
type dialog struct {
	in io.Writer
	// log receives the lines that are not of the protocol.
	log io.Writer
	// runs receives the answers to runs.
	runs chan fromWorker
	// over is closed when no more lines come, because the worker ended or broke the protocol. why
	// is then the reason.
	over chan struct{}
	why  error

	writing sync.Mutex // guards in
	mu      sync.Mutex // guards last and calls
	last    int
	calls   map[int]dialogCall
}

// A dialogCall is a call under way: where its lines go, until done is closed.
type dialogCall struct {
	lines chan fromWorker
	done  chan struct{}
}

var _ harness.Target = (*dialog)(nil)

// newDialog begins to read a worker's lines, until out ends.
func newDialog(in io.Writer, out io.Reader, log io.Writer) *dialog {
	d := &dialog{
		in: in, log: log, runs: make(chan fromWorker, 1), over: make(chan struct{}), calls: map[int]dialogCall{},
	}
	go func() {
		defer close(d.over)
		d.why = d.read(out)
	}()
	return d
}

// errWorkerEnded says that the output of a worker has ended.
var errWorkerEnded = errors.New("it ended")

// read hands on the worker's lines. The error is the reason why there are no more.
func (d *dialog) read(out io.Reader) error {
	for lines := bufio.NewReader(out); ; {
		line, err := readLine(lines)
		switch {
		case errors.Is(err, errLongLine):
			return err
		case len(bytes.TrimSpace(line)) == 0:
		case line[0] != '{':
			_, _ = d.log.Write(line)
		default:
			var l fromWorker
			if !decodeLine(line, &l) {
				return fmt.Errorf("it answered a line that is not of the protocol: %.120q", bytes.TrimSpace(line))
			}
			if err := d.hand(l); err != nil {
				return fmt.Errorf("%w: %.120q", err, bytes.TrimSpace(line))
			}
		}
		if err != nil {
			return errWorkerEnded
		}
	}
}

// decodeLine decodes a line. It returns false if the line is not of the protocol. Unknown keys are
// refused, because a misspelt one would make an answer without text.
func decodeLine(line []byte, l *fromWorker) bool {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	return decoder.Decode(l) == nil && !decoder.More()
}

var errLongLine = fmt.Errorf("it answered with a line of more than %d MiB", maxWorkerLine>>20)

// readLine reads a line with its end.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxWorkerLine {
			return nil, errLongLine
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err //nolint:wrapcheck // io.EOF
		}
	}
}

// hand gives a line to its call or run, and drops lines of calls that have ended.
func (d *dialog) hand(l fromWorker) error {
	switch {
	case l.Call > 0:
		d.mu.Lock()
		call, last := d.calls[l.Call], d.last
		d.mu.Unlock()
		if l.Call > last {
			return errors.New("it answered a call that was not made")
		}
		if call.lines != nil {
			select {
			case call.lines <- l:
			case <-call.done:
			}
		}
	case l.Run, l.Skip != "", l.Error != nil:
		select {
		case d.runs <- l:
		default:
			return errors.New("it answered a run that was not sent")
		}
	default:
		return errors.New("it answered a line that belongs neither to a run nor to a call")
	}
	return nil
}

// send sends a line.
func (d *dialog) send(l toWorker) {
	l.V = workerVersion
	data, err := json.Marshal(l)
	if err != nil {
		panic(err) // it has only texts and numbers
	}
	d.writing.Lock()
	defer d.writing.Unlock()
	_, _ = d.in.Write(append(data, '\n')) // the end of the worker shows in its output
}

// start introduces a run. skip is the reason why the engine cannot run this scenario, or "". The
// error is a harness.CannotLook, also if ctx ends first.
func (d *dialog) start(ctx context.Context, run workerRun) (engine, skip string, err error) {
	select {
	case <-d.runs: // drop an unexpected answer
	default:
	}
	d.send(toWorker{Run: &run})
	select {
	case l := <-d.runs:
		if l.Error != nil {
			return "", "", harness.CannotLook{
				Reason: "the worker could not build the engine: " + describeError(l.answerPart),
			}
		}
		if l.Skip == "" && run.AtOnce > 1 && !l.Overlap {
			return "", fmt.Sprintf("the scenario makes %d calls at once, and the worker did not answer the run with "+
				"`overlap`", run.AtOnce), nil
		}
		return l.Engine, l.Skip, nil
	case <-d.over:
		return "", "", harness.CannotLook{Reason: "the worker did not answer the run: " + d.why.Error()}
	case <-ctx.Done():
		return "", "", harness.CannotLook{Reason: "the worker did not answer the run in time"}
	}
}

// introduction returns the message that introduces a Lab's run.
func introduction(lab harness.Lab) workerRun {
	run := workerRun{Scenario: lab.Scenario(), Seed: lab.Seed()}
	if lab.Scale() != 1 {
		run.Scale = lab.Scale()
	}
	if lab.AtOnce() > 1 {
		run.AtOnce = lab.AtOnce()
	}
	for _, u := range lab.Upstreams() {
		run.Upstreams = append(run.Upstreams, workerUpstream{
			Name: u.Name, Protocol: u.Protocol, URL: u.URL, BaseURL: u.BaseURL, Key: u.Key, Model: u.Model,
		})
	}
	return run
}

// Call makes one call. It returns a harness.CannotLook if the worker ends during the call or breaks
// the protocol.
func (d *dialog) Call(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
	call := dialogCall{lines: make(chan fromWorker), done: make(chan struct{})}
	d.mu.Lock()
	d.last++
	n := d.last
	d.calls[n] = call
	d.mu.Unlock()
	defer func() {
		close(call.done)
		d.mu.Lock()
		delete(d.calls, n)
		d.mu.Unlock()
	}()
	d.send(toWorker{
		Call: n, Prompt: req.Prompt, Messages: messagesOf(req), Tools: toolsOf(req), Stream: req.Stream,
		Restarts: req.Restarts, ContextTokens: req.ContextTokens, ContextWindow: req.ContextWindow,
	})
	cancelled := ctx.Done()
	for {
		select {
		case l := <-call.lines:
			if l.Error != nil {
				return errors.New(describeError(l.answerPart))
			}
			tell(l.answerPart, emit)
			if l.End {
				return nil
			}
		case <-d.over:
			return harness.CannotLook{Reason: "the worker broke off a call: " + d.why.Error()}
		case <-cancelled:
			cancelled = nil // once
			d.send(toWorker{Cancel: n})
		}
	}
}

// tell passes on the content of a line.
func tell(l answerPart, emit func(harness.Delta)) {
	give := func(kind harness.DeltaKind, text string) {
		if text != "" {
			emit(harness.Delta{Kind: kind, Text: text})
		}
	}
	give(harness.DeltaThinking, l.Thinking)
	give(harness.DeltaText, l.Text)
	if t := l.Tool; t != nil && t.Name+t.Arguments != "" {
		emit(harness.ToolCall(t.Index, t.ID, t.Name, t.Arguments))
	}
	if l.Restart {
		emit(harness.Restart())
	}
	give(harness.DeltaModel, l.Model)
	if l.Usage != nil {
		emit(harness.Usage(l.Usage.Input, l.Usage.Output))
	}
	give(harness.DeltaFinish, l.Finish)
}

// describeError returns "429 RateLimitError: slow down", bounded.
func describeError(l answerPart) string {
	const most = 1000
	text := *l.Error
	if len(text) > most {
		text = text[:most] + "…"
	}
	if l.Type != "" {
		text = l.Type + ": " + text
	}
	if l.Status > 0 {
		text = fmt.Sprintf("%d %s", l.Status, text)
	}
	return text
}
