//go:build linux && (amd64 || arm64)

package proctime

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"
)

func (c *trap) getTimer() (waitKind, time.Duration) {
	return c.getTime(c.p.timers[c.number()])
}

func (c *trap) getTime(t *timer) (waitKind, time.Duration) {
	if t == nil {
		return untouched()
	}
	c.writeTimer(*c.f.arg(1), t)
	return c.answer(0)
}

func (c *trap) deleteTimer() (waitKind, time.Duration) {
	delete(c.p.timers, c.number())
	return untouched()
}

func (c *trap) getItimer() (waitKind, time.Duration) {
	switch *c.f.arg(0) {
	case leftRequest:
		return c.tellLeft()
	case countRequest:
		return c.tellCounters()
	case uint64(unix.ITIMER_REAL):
		c.writeItimer(*c.f.arg(1))
		return c.answer(0)
	}
	return untouched()
}

// number returns the first argument, which is an int: a descriptor, or a timer's number.
func (c *trap) number() int { return int(int32(*c.f.arg(0))) }

// set reads a struct itimerspec into a timer. clock is that of an absolute time.
func (c *trap) set(t *timer, from uint64, absolute bool, clock uint64) bool {
	w, ok := readWords(c.t.tid, from, 4)
	if !ok || min(w[0], w[1], w[2], w[3]) < 0 || max(w[1], w[3]) >= int64(time.Second) {
		return false
	}
	value := duration(w[2], w[3])
	t.interval, t.deadline = duration(w[0], w[1]), never
	switch {
	case value == 0:
	case absolute:
		t.deadline = max(c.now, value-c.origin(clock))
	default:
		t.deadline = c.after(value)
	}
	return true
}

// left returns how long a timer has to go, 0 if it is not set.
func (c *trap) left(t *timer) time.Duration {
	if t.deadline == never {
		return 0
	}
	return max(1, t.deadline-c.now)
}

// writeTimer writes a struct itimerspec. Nothing is written to NULL.
func (c *trap) writeTimer(to uint64, t *timer) {
	if to == 0 {
		return
	}
	writeTimespec(c.t.tid, to, t.interval)
	writeTimespec(c.t.tid, to+timespecSize, c.left(t))
}

// alarm sets the timer of setitimer, too.
func (c *trap) alarm() (waitKind, time.Duration) {
	t := &c.p.itimer
	left := c.left(t)
	t.interval, t.deadline = 0, never
	if s := uint32(*c.f.arg(0)); s > 0 {
		t.deadline = c.after(time.Duration(s) * time.Second)
	}
	return c.answer(int64((left + time.Second - 1) / time.Second))
}

// setItimer handles the timer that sends SIGALRM.
func (c *trap) setItimer() (waitKind, time.Duration) {
	t := &c.p.itimer
	if *c.f.arg(0) != uint64(unix.ITIMER_REAL) {
		return untouched() // the others count processor time
	}
	w := []int64{0, 0, 0, 0}
	if from := *c.f.arg(1); from != 0 {
		var ok bool
		if w, ok = readWords(c.t.tid, from, 4); !ok {
			return untouched()
		}
	}
	if to := *c.f.arg(2); to != 0 {
		c.writeItimer(to)
	}
	t.interval, t.deadline = duration(w[0], w[1]*int64(time.Microsecond)), never
	if value := duration(w[2], w[3]*int64(time.Microsecond)); value > 0 {
		t.deadline = c.after(value)
	}
	return c.answer(0)
}

func (c *trap) writeItimer(to uint64) {
	writeTimeval(c.t.tid, to, c.p.itimer.interval)
	writeTimeval(c.t.tid, to+timespecSize, c.left(&c.p.itimer))
}

// createTimer reads how a POSIX timer notifies. Its number is known at the end of the call.
func (c *trap) createTimer() (waitKind, time.Duration) {
	t := idle()
	t.signal = int(unix.SIGALRM)
	clock, event, number := *c.f.arg(0), *c.f.arg(1), *c.f.arg(2)
	if !passes(clock) {
		return untouched() // it counts processor time
	}
	if event != 0 {
		var b [24]byte
		if !readMemory(c.t.tid, event, b[:]) {
			return untouched()
		}
		const none, toThread = 1, 4 // SIGEV_NONE, SIGEV_THREAD_ID
		t.value, t.signal = binary.NativeEndian.Uint64(b[:]), int(binary.NativeEndian.Uint32(b[8:]))
		switch binary.NativeEndian.Uint32(b[12:]) {
		case none:
			t.signal = 0
		case toThread:
			t.thread = int(binary.NativeEndian.Uint32(b[16:]))
		}
	}
	process, tid := c.p, c.t.tid
	c.t.then = func(result int64) int64 {
		var b [4]byte
		if result == 0 && readMemory(tid, number, b[:]) {
			process.timers[int(binary.NativeEndian.Uint32(b[:]))] = &t
		}
		return result
	}
	t.clock = clock
	return atExit, 0
}

// setTimer sets a POSIX timer. The real one stays unset.
func (c *trap) setTimer() (waitKind, time.Duration) {
	t := c.p.timers[c.number()]
	if t == nil {
		return untouched()
	}
	old := *t
	if !c.set(t, *c.f.arg(2), *c.f.arg(1)&unix.TIMER_ABSTIME != 0, t.clock) {
		return untouched()
	}
	c.writeTimer(*c.f.arg(3), &old)
	return c.answer(0)
}
