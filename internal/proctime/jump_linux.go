//go:build linux && (amd64 || arm64)

package proctime

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// quiet reports whether every thread sleeps, and has slept between two looks, and nothing is under
// way between them.
func (tr *tracer) quiet() bool {
	tr.report.Looks++
	if tr.underWay() || !tr.allAsleep() || tr.underWay() {
		return false
	}
	if next := tr.next().deadline; next != never && next-tr.now > holdMatters && tr.o.keeps(guardTCP) &&
		tr.tcp.holds() {
		tr.report.Held++
		return false
	}
	for i, t := range tr.order {
		// One that was woken and has not run yet is seen first, one that has run then.
		if tr.runs(t) || tr.o.keeps(guardTwice) && t.account() != t.slept {
			t.still = false
			tr.busiest = i
			tr.report.Busy++
			return false
		}
	}
	return true
}

// underWay reports whether a packet is on its way between two sockets.
func (tr *tracer) underWay() bool { return tr.o.keeps(guardBacklog) && tr.packets.backlog() > 0 }

// runs reports whether a thread is on a processor, whatever its state says.
func (tr *tracer) runs(t *thread) bool { return tr.o.keeps(guardRunning) && t.running() }

// allAsleep looks at all threads for the first time. It asks the one that was busy last time first.
func (tr *tracer) allAsleep() bool {
	if tr.busiest < len(tr.order) && !tr.asleep(tr.order[tr.busiest]) {
		tr.report.Busy++
		return false
	}
	for i, t := range tr.order {
		if !tr.asleep(t) {
			tr.busiest = i
			tr.report.Busy++
			return false
		}
	}
	return true
}

// asleep looks at a thread for the first time, and remembers its account. A thread that was asleep
// last time needs one look only: an unchanged account proves that it has slept since.
func (tr *tracer) asleep(t *thread) bool {
	if t.still {
		return true
	}
	t.slept = t.account()
	switch t.state() {
	case 'Z', 'X', 'T', 't':
	case 'S':
		if tr.runs(t) {
			return false
		}
		t.still = true
	default:
		return false
	}
	return true
}

// expiry is the earliest deadline: of a thread, of a timer of a process, or of a timerfd.
type expiry struct {
	deadline time.Duration
	sleeper  *thread
	owner    *process
	timerfd  *timerfd
}

// next returns the earliest deadline, which is never if there is none.
func (tr *tracer) next() expiry {
	first := expiry{deadline: never}
	for _, t := range tr.order {
		if t.waits() && t.deadline < first.deadline {
			first = expiry{deadline: t.deadline, sleeper: t}
		}
	}
	for _, p := range tr.processes {
		if t := p.next(); t != nil && t.deadline < first.deadline {
			first = expiry{deadline: t.deadline, owner: p}
		}
	}
	for _, t := range tr.timerfds {
		if t.deadline < first.deadline {
			first = expiry{deadline: t.deadline, timerfd: t}
		}
	}
	return first
}

// jump moves the clock to the earliest deadline, and ends that wait. It returns false if there is
// none.
func (tr *tracer) jump() bool {
	tr.chargeAll()
	tr.findReceivers()
	first := tr.next()
	if first.deadline == never {
		return false
	}
	if first.deadline > tr.now {
		tr.report.Jumped += first.deadline - tr.now
		tr.leapt += first.deadline - tr.now
		tr.now = first.deadline
	}
	tr.report.Jumps++
	if tr.o.Trace != nil {
		tr.trace(first)
	}
	switch {
	case first.sleeper != nil:
		fire(first.sleeper)
	case first.owner != nil:
		first.owner.fire(first.owner.next())
	default:
		tr.expire(first.timerfd, first.timerfd.pass(tr.now))
	}
	return true
}

func (tr *tracer) trace(d expiry) {
	switch {
	case d.sleeper != nil:
		t := d.sleeper
		fmt.Fprintf(tr.o.Trace, "%14.6f %s, thread %d, call %d\n", tr.now.Seconds(), nameOf(t.pid), t.tid,
			t.saved.number())
	case d.owner != nil:
		fmt.Fprintf(tr.o.Trace, "%14.6f %s, a timer of process %d\n", tr.now.Seconds(), nameOf(d.owner.pid),
			d.owner.pid)
	default:
		fmt.Fprintf(tr.o.Trace, "%14.6f %s, a timerfd of process %d\n", tr.now.Seconds(), nameOf(d.timerfd.pid),
			d.timerfd.pid)
	}
}

// fire interrupts a thread whose deadline has passed.
func fire(t *thread) {
	t.fired, t.still = true, false
	ptrace(unix.PTRACE_INTERRUPT, t.tid, 0, 0)
}

// due reports whether a deadline has passed, as far as the processor time is known.
func (tr *tracer) due() bool {
	if tr.earliest == 0 {
		tr.earliest = tr.next().deadline
	}
	return tr.now >= tr.earliest
}

// overdue ends the waits whose deadline has passed while others were busy.
func (tr *tracer) overdue() {
	tr.earliest = 0
	tr.follow()
	tr.chargeAll()
	tr.findReceivers()
	for _, t := range tr.order {
		if t.waits() && t.deadline <= tr.now {
			if tr.o.Speed == 0 {
				tr.report.Late++
			}
			fire(t)
		}
	}
	for _, p := range tr.processes {
		for t := p.next(); t != nil && t.deadline <= tr.now; t = p.next() {
			p.fire(t)
			if t.deadline <= tr.now { // it was missed more than once
				t.pass(tr.now)
			}
		}
	}
	for _, t := range tr.timerfds {
		if t.deadline <= tr.now {
			tr.expire(t, t.pass(tr.now))
		}
	}
}
