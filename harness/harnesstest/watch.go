package harnesstest

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/chaosrun/chaosrun/harness"
)

// A watch observes one call of a target from its caller's side.
type watch struct {
	// leaves is when the caller cancels, in virtual time; 0 is never.
	leaves time.Duration

	mu   sync.Mutex
	seen sight
}

// A sight is what a watch has seen.
type sight struct {
	// returned says that the call has ended, after how long and with which error.
	returned bool
	after    time.Duration
	err      error
	// late counts the deltas that were emitted after that.
	late int
}

// sight returns what the watch has seen so far.
func (w *watch) sight() sight {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen
}

// around returns a factory of the same targets, watched.
func (w *watch) around(f harness.Factory) harness.Factory {
	return func(lab harness.Lab) harness.Target {
		target := f(lab)
		if _, skipped := target.(harness.Skip); skipped || target == nil {
			return target
		}
		return watched{target: target, watch: w}
	}
}

type watched struct {
	target harness.Target
	watch  *watch
}

var (
	_ harness.Target = watched{}
	_ io.Closer      = watched{}
)

// Call makes the call.
func (t watched) Call(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
	if t.watch.leaves > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.watch.leaves)
		defer cancel()
	}
	began := time.Now()
	err := t.target.Call(ctx, req, func(d harness.Delta) {
		t.watch.emitted()
		emit(d)
	})
	t.watch.ended(time.Since(began), err)
	const lookBack = time.Second
	time.Sleep(lookBack) // virtual: it gives late deltas time to come
	return err
}

// Close closes the target, if it can be closed.
func (t watched) Close() error {
	if c, ok := t.target.(io.Closer); ok {
		return c.Close() //nolint:wrapcheck // it is the target's
	}
	return nil
}

func (w *watch) emitted() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.seen.returned {
		w.seen.late++
	}
}

func (w *watch) ended(after time.Duration, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen.returned, w.seen.after, w.seen.err = true, after, err
}
