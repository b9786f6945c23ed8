//go:build linux && (amd64 || arm64)

package proctime

import (
	"time"

	"golang.org/x/sys/unix"
)

const (
	// lateAtMost is how late a deadline may be noticed on a clock that does not jump, in its own
	// time.
	lateAtMost = 10 * time.Millisecond
	// shortestNap bounds the pauses of a fast clock, so that the tracer does not spin: the kernel
	// takes some 10 µs to wake it.
	shortestNap = 50 * time.Microsecond
)

// follow lets a clock that does not jump follow real time. It does nothing to one that jumps.
func (tr *tracer) follow() {
	if tr.o.Speed > 0 {
		tr.now = max(tr.now, time.Duration(float64(time.Since(tr.begun))*tr.o.Speed))
	}
}

// keepUp ends the waits whose deadline has passed on a clock that does not jump, and pauses until
// the next one, pause at most. It returns the longest pause of the next time.
func (tr *tracer) keepUp(pause time.Duration) time.Duration {
	tr.overdue()
	next := tr.next().deadline
	due := pause
	if next != never {
		due = max(0, time.Duration(float64(next-tr.now)/tr.o.Speed))
	}
	if due > 0 {
		nap(min(pause, due))
	}
	longestNap := max(shortestNap, min(longest, time.Duration(float64(lateAtMost)/tr.o.Speed)))
	return min(longestNap, pause*2)
}

// sharp lets this thread wake up when it said, and not up to 50 µs later.
func sharp() { _ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) }
