package targets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/internal/process"
)

const (
	// promptLimit is the longest prompt of a command in bytes. Linux allows 128 KiB per argument.
	promptLimit = 100 << 10
	// outputLimit bounds the part of a command's output that is read, in bytes.
	outputLimit = 4 << 20
)

// A commandEngine starts one process per call.
type commandEngine struct{ in *instance }

var _ engine = (*commandEngine)(nil)

// startCommand prepares the calls of a command: it writes its files and runs start.command, if any.
func (p *pool) startCommand(lab harness.Lab) (engine, error) {
	in, err := p.prepare(lab)
	if err != nil {
		return nil, err
	}
	if err = in.fill(); err == nil && len(in.target.start().Command) > 0 {
		in.proc, err = in.run(lab.Context(), in.target.start().Command, in.output, strings.NewReader(""))
		if err == nil && in.target.start().Ready != nil {
			err = in.ready(lab.Context())
		}
	}
	if err != nil {
		in.close()
		return nil, err
	}
	return &commandEngine{in: in}, nil
}

func (c *commandEngine) begin(harness.Lab) error { return nil }

// alive reports whether the process of start.command still runs, if there is one.
func (c *commandEngine) alive() bool { return c.in.proc == nil || !isClosed(c.in.proc.Done()) }

// Call runs the command, and delivers its output as it arrives. The judge decides whether it
// contains an answer: agents print other text too, and exit code 0 does not mean answered.
func (c *commandEngine) Call(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
	call := *c.in
	call.values.prompt = req.Prompt
	out, said := &outputReader{emit: emit, left: outputLimit}, &lastLine{to: c.in.output}
	o, err := call.options(call.target.Call.Command)
	if err != nil {
		return harness.CannotLook{Reason: c.in.label + ": call.command: " + err.Error()}
	}
	o.Stdout, o.Stderr, o.Stdin = io.MultiWriter(out, c.in.output), said, strings.NewReader("")
	proc, err := call.begin(ctx, o)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err() //nolint:wrapcheck // it is ignored
		}
		return harness.CannotLook{Reason: c.in.label + ": " + err.Error()}
	}
	<-proc.Done() // the end of ctx kills it
	c.in.note(proc.Peers())
	out.end()
	err = proc.Err()
	if errors.As(err, new(*process.MemoryError)) {
		return harness.CannotLook{Reason: fmt.Sprintf("%s: the command was %s", c.in.label, err)}
	}
	if err == nil {
		return nil
	}
	if last := c.in.target.redacted(said.last()); last != "" {
		return fmt.Errorf("%w: %s", err, last)
	}
	return err //nolint:wrapcheck // it is an exit code
}

// Close ends the process of start.command, if there is one.
func (c *commandEngine) Close() error {
	c.in.close()
	return nil
}

// An outputReader delivers output as text, in whole characters and without the codes that colour a
// terminal. It delivers nothing after its end.
type outputReader struct {
	mu      sync.Mutex
	emit    func(harness.Delta)
	pending []byte
	left    int
}

// Write takes output.
func (o *outputReader) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.emit == nil || o.left <= 0 {
		return len(p), nil
	}
	o.left -= len(p)
	o.pending = append(o.pending, p...)
	text, rest := plainText(o.pending)
	o.pending = rest
	if text != "" {
		o.emit(harness.Text(text))
	}
	return len(p), nil
}

// end delivers the rest.
func (o *outputReader) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if text := strings.ToValidUTF8(string(o.pending), "�"); text != "" && o.emit != nil {
		o.emit(harness.Text(text))
	}
	o.emit = nil
}

// escapeLimit is the longest terminal code, in bytes.
const escapeLimit = 64

// plainText returns the output without terminal codes. rest is an incomplete character or code at
// its end.
func plainText(out []byte) (text string, rest []byte) {
	var b strings.Builder
	for len(out) > 0 {
		if out[0] == 0x1b {
			n, whole := escape(out)
			if !whole && len(out) < escapeLimit {
				return b.String(), append([]byte(nil), out...)
			}
			out = out[n:]
			continue
		}
		if !utf8.FullRune(out) {
			return b.String(), append([]byte(nil), out...)
		}
		r, n := utf8.DecodeRune(out)
		if r != '\r' || len(out) > 1 && out[1] != '\n' {
			b.WriteRune(r)
		}
		out = out[n:]
	}
	return b.String(), nil
}

// escape returns the length of the terminal code that out begins with: ESC [ … letter, ESC ] … BEL,
// or ESC and a character.
func escape(out []byte) (n int, whole bool) {
	if len(out) < 2 {
		return 1, false
	}
	for i := 2; i < min(len(out), escapeLimit); i++ {
		switch {
		case out[1] == '[' && out[i] >= 0x40 && out[i] <= 0x7e:
			return i + 1, true
		case out[1] == ']' && out[i] == 0x07:
			return i + 1, true
		}
	}
	if out[1] == '[' || out[1] == ']' {
		return 1, false
	}
	return 2, true
}

// A lastLine passes output on, and keeps the last line that is not blank.
type lastLine struct {
	to   io.Writer
	text []byte
}

// Write takes output.
func (l *lastLine) Write(p []byte) (int, error) {
	l.text = append(l.text, p...)
	if trimmed := bytes.TrimRight(l.text, " \t\r\n"); len(trimmed) > 0 {
		l.text = append([]byte(nil), l.text[1+bytes.LastIndexByte(trimmed, '\n'):]...)
	}
	l.text = l.text[max(0, len(l.text)-tailBytes):]
	return l.to.Write(p) //nolint:wrapcheck // a Log does not fail
}

// tailBytes bounds the part of a line that is kept.
const tailBytes = 4 << 10

// last returns the line. It must not be called while the process runs.
func (l *lastLine) last() string { return process.Cut(strings.TrimSpace(string(l.text)), 400) }
