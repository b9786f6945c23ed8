package bubble

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// DefaultPatience is how much wall time without progress Run allows. It is far more than the garbage collector or a busy
// machine take, and short enough for a person to wait.
const DefaultPatience = 5 * time.Second

// Options configure Run. The zero value is ready to use.
type Options struct {
	// Patience is how much wall time may pass without progress before the bubble is given up; default DefaultPatience.
	Patience time.Duration
	// Progress is a counter that moves while the run is alive, and may be called from outside the bubble at any time.
	// Where it is nil, a bubble that takes longer than Patience is taken for stuck if a goroutine in it is.
	Progress func() uint64
}

// ErrNested says that Run was called from inside a bubble, where a second clock cannot run.
var ErrNested = errors.New("bubble: already in virtual time")

// Run calls f in virtual time and returns when f and all goroutines that it started are done, or with one of
// the errors of this package. It may be called from many goroutines at once. After a StuckError the abandoned goroutines
// live on, and must not share unguarded state with the caller.
func Run(f func(), o Options) error {
	if o.Patience <= 0 {
		o.Patience = DefaultPatience
	}
	if inBubble() {
		return ErrNested
	}
	r := &run{done: make(chan error, 1)}
	go r.bubble(f)
	return r.supervise(o)
}

// A run is one bubble and what is known of it from outside.
type run struct {
	id   atomic.Int64 // the bubble's number in stack dumps, 0 until it is known
	done chan error
}

// bubble runs f on a goroutine of its own, because what a bubble dies of surfaces on the goroutine that made it.
func (r *run) bubble(f func()) {
	var body error
	returned, leaving := false, false
	defer func() {
		v := recover()
		switch {
		case v == nil && leaving:
			r.done <- body
		case v == nil:
			r.done <- &ExitError{}
		case body != nil:
			r.done <- body // what f died of comes before what it left behind
		case returned:
			r.done <- &LeakError{Goroutines: r.goroutines()}
		case strings.Contains(fmt.Sprint(v), "deadlock"):
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
			switch {
			case finished:
				done <- nil
			case v != nil:
				done <- &PanicError{Value: v, Stack: string(debug.Stack())}
			default:
				done <- &ExitError{}
			}
		}()
		f()
		finished = true
	}()
	return <-done
}

// samples is how many looks in a row must find the same goroutine in the way before a bubble is given up.
const samples = 3

// supervise waits for the bubble's end, or until it has made no progress for too long and a goroutine stands in the
// way of its clock. A bubble whose goroutines are all blocked as virtual time wants it is never given up: its
// clock can go on as soon as the machine lets it.
func (r *run) supervise(o Options) error {
	progress := func() uint64 { return 0 }
	if o.Progress != nil {
		progress = o.Progress
	}
	tick := time.NewTicker(max(time.Millisecond, o.Patience/(samples+1)))
	defer tick.Stop()
	seen, since := progress(), time.Now()
	suspect, found := "", 0
	for {
		select {
		case err := <-r.done:
			return err
		case <-tick.C:
		}
		if now := progress(); now != seen {
			seen, since, found = now, time.Now(), 0
			continue
		}
		stuck := diagnose(r.goroutines())
		if stuck == nil {
			found = 0
			continue
		}
		if found == 0 || suspect != stuck.suspect() {
			suspect, found = stuck.suspect(), 0
		}
		found++
		if found >= samples && time.Since(since) >= o.Patience {
			stuck.After = time.Since(since)
			return stuck
		}
	}
}

// goroutines returns the bubble's goroutines as they stand now, without the one that only waits for f.
func (r *run) goroutines() []Goroutine {
	id := int(r.id.Load())
	if id == 0 {
		return nil
	}
	return slices.DeleteFunc(parse(allStacks()), func(g Goroutine) bool {
		return g.bubble != id || strings.HasSuffix(g.Func, ".testingSynctestTest") || strings.HasSuffix(g.Func, "internal/bubble.contain")
	})
}

// maxStacks bounds a stack dump: enough for tens of thousands of goroutines.
const maxStacks = 64 << 20

func allStacks() string {
	for size := 1 << 20; ; size *= 2 {
		buf := make([]byte, size)
		if n := runtime.Stack(buf, true); n < size || size >= maxStacks {
			return string(buf[:n])
		}
	}
}

func ownStack() string {
	buf := make([]byte, 4096)
	return string(buf[:runtime.Stack(buf, false)])
}

// ownBubble is the number of the bubble that the calling goroutine is in, 0 for none.
func ownBubble() int {
	if gs := parse(ownStack()); len(gs) > 0 {
		return gs[0].bubble
	}
	return 0
}

func inBubble() bool { return ownBubble() != 0 }
