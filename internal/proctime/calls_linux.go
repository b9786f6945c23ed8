//go:build linux && (amd64 || arm64)

package proctime

import (
	"time"

	"golang.org/x/sys/unix"
)

// A trap is one system call of a thread that stopped for the tracer.
type trap struct {
	*tracer
	t *thread
	p *process
	f frame
}

// onCall answers a system call, or turns its timed wait into an endless one. It returns whether the
// tracer must see the end of the call.
func (c *trap) onCall(rule int) bool {
	saved := c.f
	c.t.rest = nil
	wait, deadline := c.decide(rule)
	if wait == noWait {
		return false
	}
	if wait != atExit {
		c.report.Waits++
		if c.t.resume && c.t.resumeAt == saved.pc() && c.t.saved.number() == saved.number() {
			deadline = c.t.resumeDeadline
		}
		c.t.resume = false
	}
	c.t.wait, c.t.deadline, c.t.fired, c.t.saved = wait, deadline, false, saved
	setFrame(c.t.tid, &c.f)
	return true
}

// answer makes the call return v without having been made.
func (c *trap) answer(v int64) (waitKind, time.Duration) {
	c.f.skip(v)
	setFrame(c.t.tid, &c.f)
	return noWait, 0
}

// untouched lets the kernel make the call as it is.
func untouched() (waitKind, time.Duration) { return noWait, 0 }

// decide changes the registers for the call that the thread makes.
func (c *trap) decide(rule int) (waitKind, time.Duration) {
	if rule >= len(c.answers) || c.answers[rule] == nil {
		return untouched()
	}
	return c.answers[rule](c)
}

func (c *trap) getrandom() (waitKind, time.Duration) {
	const most = 1 << 16
	n := min(*c.f.arg(1), most)
	c.p.random(c.t.tid, *c.f.arg(0), int(n))
	return c.answer(int64(n))
}

// after returns the deadline of a wait that begins now.
func (tr *tracer) after(d time.Duration) time.Duration {
	if d >= never-tr.now {
		return never
	}
	return tr.now + d
}

// blink is the longest sleep that is over at once, without a look at the other threads. Go's
// scheduler naps for 20 µs some fifty times whenever it wakes up, and such a look takes longer.
const blink = 50 * time.Microsecond

func (c *trap) nanosleep() (waitKind, time.Duration) {
	d, ok := readTimespec(c.t.tid, *c.f.arg(0))
	if !ok || d == 0 {
		return untouched()
	}
	if d <= blink && c.o.Speed == 0 {
		c.now += d
		c.report.Jumped += d
		return c.answer(0)
	}
	c.f.pause()
	return inSleep, c.after(d)
}

func (c *trap) clockNanosleep() (waitKind, time.Duration) {
	f := &c.f
	d, ok := readTimespec(c.t.tid, *f.arg(2))
	if !ok || !passes(*f.arg(0)) {
		return untouched()
	}
	deadline := c.after(d)
	if *f.arg(1)&unix.TIMER_ABSTIME != 0 {
		deadline = d - c.origin(*f.arg(0))
	}
	if deadline <= c.now {
		return c.answer(0)
	}
	f.pause()
	return inSleep, deadline
}

func (c *trap) futex() (waitKind, time.Duration) {
	f := &c.f
	d, ok := readTimespec(c.t.tid, *f.arg(3))
	if !ok {
		return untouched()
	}
	op := *f.arg(1)
	switch command := op & futexCommand; {
	case command == futexWait:
		if d == 0 {
			return untouched()
		}
		*f.arg(3) = 0
		return inFutex, c.after(d)
	case op&futexRealtime != 0 || command == futexLockPI:
		return c.until(inFutex, unix.CLOCK_REALTIME, 3)
	default:
		return c.until(inFutex, unix.CLOCK_MONOTONIC, 3)
	}
}

// until reads an absolute struct timespec, and makes the wait endless. A time in the virtual past
// is also in the real past.
func (c *trap) until(wait waitKind, clock uint64, arg int) (waitKind, time.Duration) {
	d, ok := readTimespec(c.t.tid, *c.f.arg(arg))
	deadline := d - c.origin(clock)
	if !ok || deadline <= c.now {
		return untouched()
	}
	*c.f.arg(arg) = 0
	return wait, deadline
}

// queue handles a message queue, whose deadline is an absolute time.
func (c *trap) queue() (waitKind, time.Duration) { return c.until(inQueue, unix.CLOCK_REALTIME, 4) }

// futexWaitv handles the wait for several futexes, whose deadline is an absolute time of a clock.
func (c *trap) futexWaitv() (waitKind, time.Duration) { return c.until(inFutex, *c.f.arg(4), 3) }

// futex2Wait handles futex_wait, the call of Linux 6.7.
func (c *trap) futex2Wait() (waitKind, time.Duration) { return c.until(inFutex, *c.f.arg(5), 4) }

// receivesMany reports recvmmsg with a timeout, which stays in real time. The kernel checks it only
// after each message, and waits forever for the first one.
func (c *trap) receivesMany() (waitKind, time.Duration) {
	const atOnce = unix.MSG_DONTWAIT | unix.MSG_WAITFORONE
	if *c.f.arg(3)&atOnce == 0 && *c.f.arg(2) > 1 {
		c.realTime(c.p.pid, "waits for several messages at once with a timeout (recvmmsg)")
	}
	return untouched()
}

// milliseconds reads a timeout in milliseconds, and makes it endless.
func milliseconds(arg int) func(*trap) (waitKind, time.Duration) {
	return func(c *trap) (waitKind, time.Duration) {
		ms := int32(*c.f.arg(arg))
		*c.f.arg(arg) = ^uint64(0)
		return inPoll, c.after(time.Duration(ms) * time.Millisecond)
	}
}

// timed reads a timeout as a relative struct timespec, and makes it endless. A timeout of 0 does
// not wait.
func timed(wait waitKind, arg int) func(*trap) (waitKind, time.Duration) {
	return func(c *trap) (waitKind, time.Duration) {
		d, ok := readTimespec(c.t.tid, *c.f.arg(arg))
		if !ok || d == 0 {
			return untouched()
		}
		*c.f.arg(arg) = 0
		return wait, c.after(d)
	}
}

// andRest is timed for a call that returns, at its end, how much of its timeout is left.
func andRest(wait waitKind, arg int) func(*trap) (waitKind, time.Duration) {
	begin := timed(wait, arg)
	return func(c *trap) (waitKind, time.Duration) {
		tid, at := c.t.tid, *c.f.arg(arg)
		c.t.rest = func(left time.Duration) { writeTimespec(tid, at, left) }
		return begin(c)
	}
}

func (c *trap) selects() (waitKind, time.Duration) {
	d, ok := readTimeval(c.t.tid, *c.f.arg(4))
	if !ok || d == 0 {
		return untouched()
	}
	tid, at := c.t.tid, *c.f.arg(4)
	c.t.rest = func(left time.Duration) { writeTimeval(tid, at, left) }
	*c.f.arg(4) = 0
	return inSelect, c.after(d)
}
