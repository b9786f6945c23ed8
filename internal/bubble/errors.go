package bubble

import (
	"fmt"
	"strings"
	"time"
)

// PanicError says that the function panicked.
type PanicError struct {
	// Value is the panic's value.
	Value any
	// Place is where: function, file and line.
	Place string
	// Stack is the panicking goroutine's.
	Stack string
}

// Error names the value and the place.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v in %s", e.Value, e.Place) }

// Unwrap returns the value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// ExitError says that the function ended its goroutine with runtime.Goexit, as t.FailNow does.
type ExitError struct {
	// Place is where: function, file and line.
	Place string
	// Stack is the exiting goroutine's.
	Stack string
}

// Error names the place.
func (e *ExitError) Error() string {
	return "left by runtime.Goexit (a failing assertion) in " + e.Place
}

// DeadlockError says that every goroutine was blocked forever before the function had returned.
type DeadlockError struct{ Goroutines []Goroutine }

// Error names every goroutine's place.
func (e *DeadlockError) Error() string { return "deadlock: " + places(e.Goroutines) }

// LeakError says that the function returned, and goroutines that it started never will.
type LeakError struct{ Goroutines []Goroutine }

// Error names every goroutine's place.
func (e *LeakError) Error() string { return "leaked: " + places(e.Goroutines) }

// InterruptedError says that the bubble was interrupted. Left says that its goroutines live on.
type InterruptedError struct{ Left bool }

// Error returns "interrupted".
func (*InterruptedError) Error() string { return "interrupted" }

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

// places names some goroutines in one line.
func places(gs []Goroutine) string {
	if len(gs) == 0 {
		return "by a goroutine that is gone"
	}
	const most = 5
	said := make([]string, 0, most+1)
	for i, g := range gs {
		if i == most {
			said = append(said, fmt.Sprintf("and %d more", len(gs)-most))
			break
		}
		said = append(said, g.Place())
	}
	return strings.Join(said, "; ")
}
