package bubble

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// DefaultPatience is how much wall time without progress Run allows. It is far more than the
// garbage collector or a busy machine take, and short enough for a person to wait.
const DefaultPatience = 5 * time.Second

// Options configure Run. The zero value is ready to use.
type Options struct {
	// Patience is how much wall time may pass without progress before the bubble is given up;
	// default DefaultPatience.
	Patience time.Duration
	// Progress is a counter that moves while the run is alive, and may be called from outside the
	// bubble at any time. Where it is nil, only the bubble's end is progress: what computes for
	// longer than Patience is taken for a spin.
	Progress func() uint64
	// Interrupt ends the run before its time: when it is closed, Stop is called, which asks the run
	// to end, and after a moment the bubble is given up with an InterruptedError. It has to be
	// closed from outside the bubble. Default: nothing interrupts it.
	Interrupt <-chan struct{}
	Stop      func()
}

// ErrNested says that Run was called from inside a bubble, where a second clock cannot run.
var ErrNested = errors.New("bubble: already in virtual time")

// Run calls f in virtual time and returns when f and all goroutines that it started are done, or
// with one of the errors of this package. It may be called from many goroutines at once. After a
// DeadlockError, a LeakError or a StuckError the goroutines that it names live on, and must not
// share unguarded state with the caller.
func Run(f func(), o Options) error {
	if o.Patience <= 0 {
		o.Patience = DefaultPatience
	}
	if ownBubble() != 0 {
		return ErrNested
	}
	prepare()
	r := &run{done: make(chan error, 1)}
	go r.bubble(f)
	return r.supervise(o)
}

// A run is one bubble and what is known of it from outside.
type run struct {
	id   atomic.Int64 // the bubble's number in stack dumps, 0 until it is known
	done chan error
}

// bubble runs f on a goroutine of its own, because what a bubble dies of surfaces on the goroutine
// that made it.
func (r *run) bubble(f func()) {
	var body error
	returned, leaving := false, false
	defer func() {
		v := recover()
		text := fmt.Sprint(v)
		switch {
		case v == nil && leaving:
			r.done <- body
		case v == nil: // nobody but f could have left, and it is contained
			r.done <- &ExitError{Place: "testing/synctest", Stack: string(debug.Stack())}
		case body != nil:
			r.done <- body // what f died of comes before what it left behind
		case returned:
			r.done <- &LeakError{Goroutines: r.goroutines()}
		case strings.HasPrefix(text, "deadlock"):
			r.done <- &DeadlockError{Goroutines: r.goroutines()}
		default:
			r.done <- fmt.Errorf("bubble: %v\n%s", v, debug.Stack())
		}
	}()
	synctest.Test(&testing.T{}, func(*testing.T) {
		r.id.Store(int64(ownBubble()))
		body = contain(f)
		returned = true
	})
	leaving = true
}

// contain calls f on a goroutine of its own, so that its panics and exits stay there.
func contain(f func()) error {
	done := make(chan error, 1)
	go func() {
		finished := false
		defer func() {
			v := recover()
			if finished {
				done <- nil
				return
			}
			stack := string(debug.Stack())
			if v == nil {
				done <- &ExitError{Place: origin(stack), Stack: stack}
				return
			}
			done <- &PanicError{Value: v, Place: origin(stack), Stack: stack}
		}()
		f()
		finished = true
	}()
	return <-done
}
