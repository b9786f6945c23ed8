//go:build linux && (amd64 || arm64)

package proctime

import (
	"golang.org/x/sys/unix"
)

// interrupted handles the stop of a thread that the tracer has interrupted in a receive.
func (tr *tracer) interrupted(t *thread) {
	if t.wait != inReceive || !t.fired {
		return
	}
	var f frame
	word := func(at uint64) uint32 { return uint32(readWord(t.tid, at)) }
	if getFrame(t.tid, &f) && f.fail(-int64(unix.EAGAIN), word) {
		setFrame(t.tid, &f)
	}
	t.wait = noWait
}

// onReturn handles the end of a call that was turned into an endless wait.
func (tr *tracer) onReturn(t *thread) {
	var now frame
	if !getFrame(t.tid, &now) {
		return
	}
	wait, result := t.wait, now.result()
	t.wait = noWait
	if t.rest != nil {
		t.rest(max(0, t.deadline-tr.now))
		t.rest = nil
	}
	out := t.saved.leave(&now)
	switch {
	case wait == atExit, wait == inConnect:
		if t.fired && wait == inConnect && (result == -int64(unix.EINTR) || restarts(result)) {
			result = -int64(unix.EINPROGRESS)
		}
		out.setResult(result)
		if t.then != nil {
			out.setResult(t.then(result))
			t.then = nil
		}
	case result != -int64(unix.EINTR) && !restarts(result): // the wait was fulfilled
	case t.fired:
		tr.timedOut(t, wait, &out)
	default: // a signal: the call is made again with what is left, unless a handler runs
		const always, unlessHandled = -513, -514 // ERESTARTNOINTR and ERESTARTNOHAND
		if result != always {
			result = unlessHandled
		}
		out.setResult(result)
		t.resume, t.resumeDeadline, t.resumeAt = true, t.deadline, t.saved.pc()
		tr.writeRest(t)
	}
	setFrame(t.tid, &out)
}

// timedOut makes a call return what its timeout returns.
func (tr *tracer) timedOut(t *thread, wait waitKind, out *frame) {
	switch wait { //nolint:exhaustive // the others return 0
	case inFutex, inQueue:
		out.setResult(-int64(unix.ETIMEDOUT))
	case inSignal, inAgain:
		out.setResult(-int64(unix.EAGAIN))
	case inSelect:
		const bits = 64
		size := min(1024, (*out.arg(0)+bits-1)/bits*8)
		for i := 1; i <= 3; i++ {
			if at := *out.arg(i); at != 0 {
				writeMemory(t.tid, at, make([]byte, size))
			}
		}
		out.setResult(0)
	default:
		out.setResult(0)
	}
}

// writeRest tells a sleep that a signal has interrupted how much is left of it.
func (tr *tracer) writeRest(t *thread) {
	left := max(0, t.deadline-tr.now)
	f := &t.saved
	switch {
	case f.number() == unix.SYS_NANOSLEEP && *f.arg(1) != 0:
		writeTimespec(t.tid, *f.arg(1), left)
	case f.number() == unix.SYS_CLOCK_NANOSLEEP && *f.arg(3) != 0 && *f.arg(1)&unix.TIMER_ABSTIME == 0:
		writeTimespec(t.tid, *f.arg(3), left)
	}
}
