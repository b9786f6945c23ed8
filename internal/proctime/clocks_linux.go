//go:build linux && (amd64 || arm64)

package proctime

import (
	"time"

	"golang.org/x/sys/unix"
)

// passes reports whether threads can wait for a clock. Processor clocks are excluded.
func passes(clock uint64) bool {
	switch clock {
	case unix.CLOCK_REALTIME, unix.CLOCK_MONOTONIC, unix.CLOCK_BOOTTIME, unix.CLOCK_TAI, unix.CLOCK_REALTIME_ALARM,
		unix.CLOCK_BOOTTIME_ALARM:
		return true
	}
	return false
}

// origin returns what a clock shows at the beginning of the tree's time.
func (tr *tracer) origin(clock uint64) time.Duration {
	switch clock {
	case unix.CLOCK_REALTIME_COARSE, unix.CLOCK_REALTIME_ALARM:
		clock = unix.CLOCK_REALTIME
	case unix.CLOCK_MONOTONIC_COARSE:
		clock = unix.CLOCK_MONOTONIC
	case unix.CLOCK_BOOTTIME_ALARM:
		clock = unix.CLOCK_BOOTTIME
	}
	return tr.origins[clock%uint64(len(tr.origins))]
}

func (c *trap) clockGettime() (waitKind, time.Duration) {
	c.report.Reads++
	return c.answer(orFault(writeTimespec(c.t.tid, *c.f.arg(1), c.origin(*c.f.arg(0))+c.now)))
}

func (c *trap) gettimeofday() (waitKind, time.Duration) {
	c.report.Reads++
	at := *c.f.arg(0)
	return c.answer(orFault(at == 0 || writeTimeval(c.t.tid, at, c.origin(unix.CLOCK_REALTIME)+c.now)))
}

func (c *trap) time() (waitKind, time.Duration) {
	c.report.Reads++
	s := int64((c.origin(unix.CLOCK_REALTIME) + c.now) / time.Second)
	if at := *c.f.arg(0); at != 0 && !writeWords(c.t.tid, at, s) {
		return c.answer(-int64(unix.EFAULT))
	}
	return c.answer(s)
}

// orFault returns the result of a call that has written its answer, or could not.
func orFault(ok bool) int64 {
	if ok {
		return 0
	}
	return -int64(unix.EFAULT)
}

// sysinfo returns the machine's uptime, in the first word of its answer.
func (c *trap) sysinfo() (waitKind, time.Duration) {
	tid, at := c.t.tid, *c.f.arg(0)
	c.t.then = func(result int64) int64 {
		if result == 0 {
			writeWords(tid, at, int64((c.origin(unix.CLOCK_BOOTTIME)+c.now)/time.Second))
		}
		return result
	}
	return atExit, 0
}

// times returns the time since boot in ticks, beside the processor's times.
func (c *trap) times() (waitKind, time.Duration) {
	const tick = time.Second / 100 // USER_HZ
	c.t.then = func(result int64) int64 {
		if result < 0 && result > -4096 { // an error
			return result
		}
		return int64((c.origin(unix.CLOCK_BOOTTIME) + c.now) / tick)
	}
	return atExit, 0
}

// setClock refuses to set the machine's clock.
func (c *trap) setClock() (waitKind, time.Duration) {
	c.realTime(c.p.pid, "was refused to set the clock")
	return c.answer(-int64(unix.EPERM))
}

// adjustClock lets a program ask about the machine's clock, which runs in real time.
func (c *trap) adjustClock() (waitKind, time.Duration) {
	c.realTime(c.p.pid, "asks how the machine's own clock is kept (adjtimex)")
	return untouched()
}
