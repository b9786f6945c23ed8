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

// DefaultPatience is how much wall time without progress Run allows. The garbage collector and a
// busy machine take far less, and a person can wait that long.
const DefaultPatience = 5 * time.Second

// Options configure Run. The zero value is ready to use.
type Options struct {
	// Patience is how much wall time may pass without progress before the bubble is given up;
	// default DefaultPatience.
	Patience time.Duration
	// Progress returns a counter that grows while the run makes progress. It may be called from
	// outside the bubble at any time. If it is nil, only the bubble's end is progress, and code
	// that computes for longer than Patience counts as a spin.
	Progress func() uint64
	// Interrupt ends the run early when it is closed: Run calls Stop, which asks the run to end,
	// and soon gives the bubble up with an [InterruptedError]. Close it from outside the bubble.
	// Default: no interrupt.
	Interrupt <-chan struct{}
	Stop      func()
}

// ErrNested says that Run was called from inside a bubble, where a second clock cannot run.
var ErrNested = errors.New("bubble: already in virtual time")

// Run calls f in virtual time. It returns when f and all goroutines that f started are done, or
// returns one of the errors of this package. It is safe for concurrent use. After a
// [DeadlockError], a [LeakError] or a [StuckError] the goroutines that it names live on: they must
// not share unguarded state with the caller.
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

// A run is one bubble with its state as seen from outside.
type run struct {
	id   atomic.Int64 // the bubble's number in stack dumps, 0 until it is known
	done chan error
}

// bubble runs f on a goroutine of its own, because a bubble's fatal errors surface on the goroutine
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
		case v == nil: // only f could have exited, and it is contained
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

// contain calls f on a goroutine of its own, to contain its panics and exits.
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
