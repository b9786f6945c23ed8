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

// onCall answers a system call, or turns its timed wait into an endless one. It returns whether
// the end of the call is to be seen.
func (c *trap) onCall() bool {
	saved := c.f
	wait, deadline := c.decide()
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
func (c *trap) decide() (waitKind, time.Duration) {
	if answer := c.answers[c.f.number()]; answer != nil {
		return answer(c)
	}
	return untouched()
}

func (c *trap) getrandom() (waitKind, time.Duration) {
	const most = 1 << 16
	n := min(*c.f.arg(1), most)
	c.p.random(c.t.tid, *c.f.arg(0), int(n))
	return c.answer(int64(n))
}

// origin returns what a clock shows at the beginning of the tree's time.
func (tr *tracer) origin(clock uint64) time.Duration {
	switch clock {
	case unix.CLOCK_REALTIME_COARSE:
		clock = unix.CLOCK_REALTIME
	case unix.CLOCK_MONOTONIC_COARSE:
		clock = unix.CLOCK_MONOTONIC
	}
	return tr.origins[clock%uint64(len(tr.origins))]
}

func (c *trap) clockGettime() (waitKind, time.Duration) {
	c.report.Reads++
	writeTimespec(c.t.tid, *c.f.arg(1), c.origin(*c.f.arg(0))+c.now)
	return c.answer(0)
}

func (c *trap) gettimeofday() (waitKind, time.Duration) {
	c.report.Reads++
	if at := *c.f.arg(0); at != 0 {
		writeTimeval(c.t.tid, at, c.origin(unix.CLOCK_REALTIME)+c.now)
	}
	return c.answer(0)
}

func (c *trap) time() (waitKind, time.Duration) {
	c.report.Reads++
	s := int64((c.origin(unix.CLOCK_REALTIME) + c.now) / time.Second)
	if at := *c.f.arg(0); at != 0 {
		writeWords(c.t.tid, at, s)
	}
	return c.answer(s)
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
	if !ok {
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
	var deadline time.Duration
	switch command := op & futexCommand; {
	case command == futexWait:
		deadline = c.after(d)
	case op&futexRealtime != 0 || command == futexLockPI:
		deadline = d - c.origin(unix.CLOCK_REALTIME)
	default:
		deadline = d - c.origin(unix.CLOCK_MONOTONIC)
	}
	if deadline <= c.now {
		// An absolute time of the virtual past is one of the real past, too. A relative one of 0 is
		// as short as it was.
		return untouched()
	}
	*f.arg(3) = 0
	return inFutex, deadline
}

// milliseconds reads a timeout in milliseconds, and makes it endless.
func milliseconds(arg int) func(*trap) (waitKind, time.Duration) {
	return func(c *trap) (waitKind, time.Duration) {
		ms := int32(*c.f.arg(arg))
		*c.f.arg(arg) = ^uint64(0)
		return inPoll, c.after(time.Duration(ms) * time.Millisecond)
	}
}

// timed reads a timeout as a relative struct timespec, and makes it endless. One of 0 is no wait.
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

func (c *trap) selects() (waitKind, time.Duration) {
	d, ok := readTimeval(c.t.tid, *c.f.arg(4))
	if !ok || d == 0 {
		return untouched()
	}
	*c.f.arg(4) = 0
	return inSelect, c.after(d)
}

// queue handles a message queue, whose deadline is an absolute time.
func (c *trap) queue() (waitKind, time.Duration) {
	d, ok := readTimespec(c.t.tid, *c.f.arg(4))
	deadline := d - c.origin(unix.CLOCK_REALTIME)
	if !ok || deadline <= c.now {
		return untouched()
	}
	*c.f.arg(4) = 0
	return inQueue, deadline
}

// socketTimeout remembers SO_RCVTIMEO or SO_SNDTIMEO, and sets the real one to none.
func (c *trap) socketTimeout() (waitKind, time.Duration) {
	f := &c.f
	d, ok := readTimeval(c.t.tid, *f.arg(3))
	if *f.arg(4) != timespecSize || !ok {
		return untouched()
	}
	all := c.p.receive
	if *f.arg(2) == unix.SO_SNDTIMEO {
		all = c.p.send
	}
	fd := int(int32(*f.arg(0)))
	delete(all, fd)
	if d > 0 {
		all[fd] = d
	}
	writeWords(c.t.tid, scratch(f), 0, 0)
	*f.arg(3) = scratch(f)
	return atExit, 0
}

// listens remembers the port that a process of the tree is about to listen on.
func (c *trap) listens() (waitKind, time.Duration) {
	own := duplicate(c.p.pid, c.number())
	if own < 0 {
		return untouched()
	}
	defer unix.Close(own) //nolint:errcheck // nothing was written
	address, err := unix.Getsockname(own)
	if err != nil {
		return untouched()
	}
	switch a := address.(type) {
	case *unix.SockaddrInet4:
		c.ours[uint16(a.Port)] = true
	case *unix.SockaddrInet6:
		c.ours[uint16(a.Port)] = true
	}
	return untouched()
}
