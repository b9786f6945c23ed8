//go:build linux && (amd64 || arm64)

package proctime

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// countRequest is the number of another timer that no kernel has: the tracer answers with its
	// counters.
	countRequest = 0x636f756e
	// countVersion is the first word of that answer, and countWords the number of all.
	countVersion, countWords = 1, 10
)

// Count asks the tracer how the time of this process's tree has passed. ok is false outside of a
// tree. It may be called from any goroutine, and takes some 10 µs.
func Count() (c Counters, ok bool) {
	var w [countWords]int64
	_, _, errno := unix.Syscall(unix.SYS_GETITIMER, countRequest, uintptr(unsafe.Pointer(&w)), 0)
	if errno != 0 || w[0] != countVersion {
		return Counters{}, false
	}
	return Counters{
		Passed: time.Duration(w[1]), Leapt: time.Duration(w[2]), CPU: time.Duration(w[3]),
		Jumps: int(w[4]), Looks: int(w[5]), Busy: int(w[6]), Held: int(w[7]), Late: int(w[8]), QuickAck: w[9] != 0,
	}, true
}

// tellCounters answers Count.
func (c *trap) tellCounters() (waitKind, time.Duration) {
	c.chargeAll()
	quick := int64(0)
	if c.report.QuickAck {
		quick = 1
	}
	r := &c.report
	writeWords(c.t.tid, *c.f.arg(1), countVersion, int64(c.now), int64(c.leapt), int64(r.CPU),
		int64(r.Jumps), int64(r.Looks), int64(r.Busy), int64(r.Held), int64(r.Late), quick)
	return c.answer(0)
}
