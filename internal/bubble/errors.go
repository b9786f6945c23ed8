package bubble

import (
	"fmt"
	"strings"
	"time"
)

// PanicError says that the function panicked.
type PanicError struct {
	// Value is what it panicked with, Stack where.
	Value any
	Stack string
}

// Error names the value.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// ExitError says that the function ended its goroutine with runtime.Goexit, as t.FailNow does.
type ExitError struct{}

// Error says so.
func (*ExitError) Error() string {
	return "the function left by runtime.Goexit (a failing assertion inside virtual time?)"
}

// DeadlockError says that every goroutine was blocked for ever.
type DeadlockError struct{ Goroutines []Goroutine }

// Error names every goroutine's place.
func (e *DeadlockError) Error() string { return "deadlock: " + places(e.Goroutines) }

// LeakError says that the function returned, and goroutines that it started never will.
type LeakError struct{ Goroutines []Goroutine }

// Error names every goroutine's place.
func (e *LeakError) Error() string { return "leaked: " + places(e.Goroutines) }

// Cause is what stands in the way of virtual time.
type Cause string

const (
	// Mutex is a goroutine that waits for a mutex, which virtual time takes for work under way.
	Mutex Cause = "mutex"
	// RealIO is a goroutine that waits for a real socket, file or system call.
	RealIO Cause = "real I/O"
	// Spin is a goroutine that runs and runs.
	Spin Cause = "spin"
)

// StuckError says that the bubble was given up because something blocked outside virtual time.
type StuckError struct {
	Cause Cause
	// Culprits are the goroutines that are in the way, Goroutines all of the bubble.
	Culprits, Goroutines []Goroutine
	// After is how much wall time passed without progress.
	After time.Duration
}

// Error names the cause and the culprits' places.
func (e *StuckError) Error() string {
	return fmt.Sprintf("blocked outside virtual time (%s): %s", e.Cause, places(e.Culprits))
}

// suspect identifies what is in the way from one look to the next.
func (e *StuckError) suspect() string {
	s := []byte(e.Cause)
	for _, g := range e.Culprits {
		s = fmt.Appendf(s, " %d", g.ID)
	}
	return string(s)
}

// diagnose finds what keeps a bubble's clock from going on, or nil if nothing does. Of several causes real I/O comes
// first, then a mutex: whoever runs may be waiting for one of them in a loop.
func diagnose(all []Goroutine) *StuckError {
	byCause := map[Cause][]Goroutine{}
	for _, g := range all {
		if c, ok := g.cause(); ok {
			byCause[c] = append(byCause[c], g)
		}
	}
	for _, c := range []Cause{RealIO, Mutex, Spin} {
		if culprits := byCause[c]; culprits != nil {
			return &StuckError{Cause: c, Culprits: culprits, Goroutines: all}
		}
	}
	return nil
}

// cause says why a goroutine is in the way of virtual time, if it is. States are those of a stack dump.
func (g Goroutine) cause() (Cause, bool) {
	switch {
	case g.durable:
		return "", false
	case strings.HasPrefix(g.State, "IO wait"), strings.HasPrefix(g.State, "syscall"):
		return RealIO, true
	case strings.HasPrefix(g.State, "sync.Mutex"), strings.HasPrefix(g.State, "sync.RWMutex"), strings.HasPrefix(g.State, "semacquire"):
		return Mutex, true
	case strings.HasPrefix(g.State, "running"), strings.HasPrefix(g.State, "runnable"):
		return Spin, true
	}
	// A channel or a wait group from outside the bubble, or a cgo call: only the real world can end it.
	return RealIO, true
}

func places(gs []Goroutine) string {
	if len(gs) == 0 {
		return "by a goroutine that is gone"
	}
	const most = 5
	var said []string
	for i, g := range gs {
		if i == most {
			said = append(said, fmt.Sprintf("and %d more", len(gs)-most))
			break
		}
		said = append(said, g.Place())
	}
	return strings.Join(said, "; ")
}
