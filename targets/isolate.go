package targets

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/internal/process"
)

// Isolate returns a variant of this program that builds its engine in a process of its own, once per
// run: a panic in a goroutine that the engine started itself ends that process, fails that run, and
// leaves the others alone. It needs real time, on the wall clock or accelerated.
//
// program is a command that serves the engine with "worker" and the variant's Arguments after it,
// as cli.Main does. Default: this program. A variant that is outside already is returned as it is.
func Isolate(v campaign.Variant, program ...string) campaign.Variant {
	if v.Outside {
		return v
	}
	v.Outside, v.Scales, v.Inside = true, true, v.Factory
	// The engine is told what the conversation is said to be, so its prompt needs no padding.
	v.Options = append(slices.Clone(v.Options), harness.WithOutside(harness.Outside{PromptLimit: 1}))
	arguments := append([]string{"worker"}, v.Arguments...)
	v.Factory = func(lab harness.Lab) harness.Target {
		command := slices.Clone(program)
		if len(command) == 0 {
			self, err := os.Executable()
			if err != nil {
				return harness.CannotLook{Reason: "find this program, to start it again: " + err.Error()}
			}
			command = []string{self}
		}
		return isolated(lab, append(command, arguments...))
	}
	return v
}

// buildWithin is the longest time that a process may take to start and to build its engine, in
// real time.
const buildWithin = time.Minute

// isolated starts a process and builds the engine of a run in it.
func isolated(lab harness.Lab, command []string) harness.Target {
	ctx, cancel := context.WithTimeout(lab.Context(), buildWithin)
	defer cancel()
	receive, out := io.Pipe()
	w := &isolatedEngine{trace: &trace{}}
	p, err := process.Start(lab.Context(), process.Options{Command: command, Env: os.Environ(), Stdout: out, Stderr: w.trace})
	if err != nil {
		return harness.CannotLook{Reason: err.Error()}
	}
	go func() {
		<-p.Done()
		_ = out.Close()
	}()
	w.process, w.dialog = p, newDialog(p.Stdin(), receive, io.Discard)
	_, skip, err := w.dialog.start(ctx, introduction(lab))
	switch {
	case skip != "":
		_ = w.Close()
		return harness.Skip{Reason: skip}
	case err == nil:
		return w
	}
	if panicked, ok := errors.AsType[harness.Panicked](w.explain(err)); ok {
		panicked.Text = "while it was built: " + panicked.Text
		return harness.TargetFunc(func(context.Context, harness.Request, func(harness.Delta)) error { return panicked })
	}
	_ = w.Close()
	return harness.CannotLook{Reason: err.Error()}
}

// An isolatedEngine is an engine of this program in another process.
type isolatedEngine struct {
	process *process.Process
	dialog  *dialog
	trace   *trace
}

// Call makes one call. An engine that ended its process has panicked.
func (w *isolatedEngine) Call(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
	err := w.dialog.Call(ctx, req, emit)
	if _, ok := errors.AsType[harness.CannotLook](err); ok {
		return w.explain(err)
	}
	return err //nolint:wrapcheck // it is the engine's
}

// Close ends the process.
func (w *isolatedEngine) Close() error {
	w.process.Kill()
	return nil
}

// explain returns how the engine ended its process, or err if it did not.
func (w *isolatedEngine) explain(err error) error {
	select {
	case <-w.dialog.over:
	default:
		return err
	}
	if !errors.Is(w.dialog.why, errWorkerEnded) {
		return err
	}
	if text := w.trace.String(); text != "" {
		return harness.Panicked{Text: text}
	}
	text := "it ended the process"
	if exit := w.process.Err(); exit != nil {
		text += ": " + exit.Error()
	}
	return harness.Panicked{Text: text}
}

// A trace keeps the beginning of what Go prints when a panic ends a process. It is safe for
// concurrent use.
type trace struct {
	mu   sync.Mutex
	text []byte
	// found says that text begins with the panic. Until then it is the line so far.
	found bool
}

// maxTrace bounds what is kept, in bytes.
const maxTrace = 16 << 10

// starts are what the first line of a trace begins with.
func starts() [][]byte { return [][]byte{[]byte("panic: "), []byte("fatal error: ")} }

// Write takes the next part of the standard error output.
func (t *trace) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for line := range bytes.Lines(p) {
		if len(t.text) < maxTrace {
			t.text = append(t.text, line...)
		}
		if !t.found && slices.ContainsFunc(starts(), func(s []byte) bool { return bytes.HasPrefix(t.text, s) }) {
			t.found = true
		}
		if !t.found && line[len(line)-1] == '\n' {
			t.text = t.text[:0]
		}
	}
	return len(p), nil
}

// String returns the value of the panic and its two innermost frames outside of the runtime, or "".
func (t *trace) String() string {
	const frames = 2
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.found {
		return ""
	}
	lines := strings.Split(string(t.text), "\n")
	_, text, _ := strings.Cut(lines[0], ": ")
	n := 0
	for i := 1; i+1 < len(lines) && n < frames; i++ {
		where, isFrame := strings.CutPrefix(lines[i+1], "\t")
		if !isFrame || strings.HasPrefix(lines[i], "\t") || strings.HasPrefix(lines[i], "runtime.") || strings.HasPrefix(lines[i], "panic(") {
			continue
		}
		function := lines[i]
		if at := strings.LastIndexByte(function, '('); at > 0 && !strings.HasPrefix(function, "created by ") {
			function = function[:at]
		}
		function, _, _ = strings.Cut(function, " in goroutine ")
		where, _, _ = strings.Cut(where, " +0x")
		text += map[bool]string{true: " in ", false: ", "}[n == 0] + function + " at " + where
		n++
	}
	return process.Cut(text, maxTraceText)
}

// maxTraceText bounds what is said of a panic, in bytes.
const maxTraceText = 1000
