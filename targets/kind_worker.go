package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/internal/process"
)

const (
	// workerWithin is the real time that a worker has to answer a run. The imports of a large
	// Python library take a tenth of it on a busy machine.
	workerWithin = 2 * time.Minute
	// cancelGrace is the real time in which a cancelled call must end. Then the worker is killed.
	cancelGrace = 5 * time.Second
	// goPanicCode is the exit code of a Go program that panicked.
	goPanicCode = 2
)

// A workerEngine is a worker with its process.
type workerEngine struct {
	in     *instance
	dialog *dialog
	trace  *trace

	mu sync.Mutex
	// killed says why the worker was killed, or "".
	killed string
}

var _ engine = (*workerEngine)(nil)

// startWorker starts a worker. It is not ready before [workerEngine.begin] returns.
func (p *pool) startWorker(lab harness.Lab) (engine, error) {
	in, err := p.prepare(lab)
	if err != nil {
		return nil, err
	}
	w := &workerEngine{in: in, trace: &trace{}}
	in.stderr = io.MultiWriter(in.output, w.trace)
	receive, out := io.Pipe()
	if err = in.fill(); err == nil {
		in.proc, err = in.run(lab.Context(), in.target.start().Command, out, nil)
	}
	if err != nil {
		in.close()
		return nil, err
	}
	go func() {
		<-in.proc.Done()
		_ = out.Close()
	}()
	w.dialog = newDialog(in.proc.Stdin(), receive, in.output)
	return w, nil
}

// begin sends a run to the worker and waits until it is ready for calls.
func (w *workerEngine) begin(lab harness.Lab) error {
	ctx, cancel := context.WithTimeout(lab.Context(), workerWithin)
	defer cancel()
	stop := context.AfterFunc(ctx, w.in.proc.Kill) // a worker may never read the run
	defer stop()
	_, skip, err := w.dialog.start(ctx, introduction(lab))
	switch {
	case skip != "":
		return skipped{skip}
	case err == nil:
		return nil
	case lab.Context().Err() != nil:
		return errors.New("interrupted before it was ready")
	case ctx.Err() != nil:
		return fmt.Errorf("the worker did not answer the run within %s%s", workerWithin, w.in.said())
	case !w.ended():
		return errors.New(err.Error() + w.in.said() + w.in.target.hint("; "))
	}
	if text := w.panicked(); text != "" {
		return harness.Panicked{Text: "while it was built: " + text}
	}
	return fmt.Errorf("%s before it was ready%s%s", w.in.ended(), w.in.said(), w.in.target.hint("; "))
}

// ended reports whether the worker's output is complete because its process has ended. It waits for
// the end of the process.
func (w *workerEngine) ended() bool {
	if !isClosed(w.dialog.over) || !errors.Is(w.dialog.why, errWorkerEnded) {
		return false
	}
	select { // a worker may close its output without ending
	case <-w.in.proc.Done():
		return true
	case <-time.After(cancelGrace):
		return false
	}
}

// Call makes a call. An error of the worker is a [harness.CannotLook], and a panic of a Go engine a
// [harness.Panicked]. A worker that does not end a cancelled call is killed.
func (w *workerEngine) Call(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
	if why := w.reason(); why != "" {
		return harness.CannotLook{Reason: why}
	}
	returned := make(chan struct{})
	defer close(returned)
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(cancelGrace)
		defer timer.Stop()
		select {
		case <-returned:
		case <-timer.C:
			w.kill(fmt.Sprintf("%s: the worker was killed: it did not end a call within %s of its cancellation",
				w.in.label, cancelGrace))
		}
	})
	defer stop()
	err := w.dialog.Call(ctx, req, emit)
	cannot, ok := errors.AsType[harness.CannotLook](err)
	if !ok || ctx.Err() != nil {
		return err //nolint:wrapcheck // it is the engine's
	}
	cannot.Reason = w.in.label + ": " + cannot.Reason
	if !w.ended() {
		return cannot
	}
	if text := w.panicked(); text != "" {
		return harness.Panicked{Text: text}
	}
	return harness.CannotLook{Reason: fmt.Sprintf("%s: the worker %s in a call%s", w.in.label,
		strings.TrimPrefix(w.in.ended(), "it "), w.in.said())}
}

// panicked returns the panic that ended the process of a Go engine, or "".
func (w *workerEngine) panicked() string {
	if exit, ok := errors.AsType[*process.ExitError](w.in.proc.Err()); !ok || exit.Code != goPanicCode {
		return ""
	}
	return w.trace.String()
}

// kill ends a worker that misbehaves.
func (w *workerEngine) kill(why string) {
	w.mu.Lock()
	w.killed = why
	w.mu.Unlock()
	w.in.proc.Kill()
}

// reason returns why no call can be made, or "".
func (w *workerEngine) reason() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.killed
}

// alive reports whether the worker can serve another run.
func (w *workerEngine) alive() bool {
	return !isClosed(w.dialog.over) && !isClosed(w.in.proc.Done())
}

// Close ends the worker.
func (w *workerEngine) Close() error {
	w.in.close()
	return nil
}

func isClosed(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}
