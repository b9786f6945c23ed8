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
	if next, _, _ := tr.next(); next != never && next-tr.now > holdMatters && tr.o.keeps(guardTCP) && tr.tcp.holds() {
		tr.report.Held++
		return false
	}
	for i, t := range tr.order {
		if tr.o.keeps(guardTwice) && !t.stillAsleep() || tr.runs(t) {
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
	if tr.busiest < len(tr.order) && (!tr.order[tr.busiest].asleep() || tr.runs(tr.order[tr.busiest])) {
		tr.report.Busy++
		return false
	}
	for i, t := range tr.order {
		if !t.asleep() || tr.runs(t) {
			tr.busiest = i
			tr.report.Busy++
			return false
		}
	}
	return true
}

// next returns the earliest deadline, with its thread or its process and timer.
func (tr *tracer) next() (deadline time.Duration, sleeper *thread, owner *process) {
	deadline = never
	for _, t := range tr.order {
		if t.waits() && t.deadline < deadline {
			deadline, sleeper = t.deadline, t
		}
	}
	for _, p := range tr.processes {
		if t := p.next(); t != nil && t.deadline < deadline {
			deadline, sleeper, owner = t.deadline, nil, p
		}
	}
	return deadline, sleeper, owner
}

// jump moves the clock to the earliest deadline, and ends that wait. It returns false if there is
// none.
func (tr *tracer) jump() bool {
	tr.chargeAll()
	tr.findReceivers()
	deadline, sleeper, owner := tr.next()
	if deadline == never {
		return false
	}
	if deadline > tr.now {
		tr.report.Jumped += deadline - tr.now
		tr.leapt += deadline - tr.now
		tr.now = deadline
	}
	tr.report.Jumps++
	if tr.o.Trace != nil {
		tr.trace(sleeper, owner)
	}
	if sleeper != nil {
		fire(sleeper)
	} else {
		owner.fire(owner.next())
	}
	return true
}

func (tr *tracer) trace(sleeper *thread, owner *process) {
	if sleeper != nil {
		fmt.Fprintf(tr.o.Trace, "%14.6f %s, thread %d, call %d\n", tr.now.Seconds(), nameOf(sleeper.pid), sleeper.tid, sleeper.saved.number())
		return
	}
	fmt.Fprintf(tr.o.Trace, "%14.6f %s, a timer of process %d\n", tr.now.Seconds(), nameOf(owner.pid), owner.pid)
}

// fire interrupts a thread whose deadline has passed.
func fire(t *thread) {
	t.fired = true
	ptrace(unix.PTRACE_INTERRUPT, t.tid, 0, 0)
}

// due reports whether a deadline has passed, as far as the processor time is known.
func (tr *tracer) due() bool {
	if tr.earliest == 0 {
		tr.earliest, _, _ = tr.next()
	}
	return tr.now >= tr.earliest
}

// overdue ends the waits whose deadline has passed while others were busy.
func (tr *tracer) overdue() {
	tr.earliest = 0
	tr.follow()
	tr.chargeAll()
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
			if t.interval > 0 && t.deadline <= tr.now { // it was missed more than once
				t.deadline = tr.now + t.interval - (tr.now-t.deadline)%t.interval
			}
		}
	}
}

// findReceivers finds the threads that sleep on a socket with a timeout. Their calls are not
// trapped, because most sockets have none. One that used the processor since it was found is in
// another call.
func (tr *tracer) findReceivers() {
	for _, t := range tr.order {
		p := tr.processes[t.pid]
		if p == nil || len(p.receive)+len(p.send) == 0 || t.wait != noWait && (t.wait != inReceive || t.fired) {
			continue
		}
		account := t.account()
		if t.wait == inReceive && account == t.received {
			continue
		}
		t.wait = noWait
		nr, fd, ok := t.inCall()
		if !ok {
			continue
		}
		all := p.receive
		switch nr {
		case unix.SYS_READ, unix.SYS_RECVFROM, unix.SYS_RECVMSG, unix.SYS_ACCEPT, unix.SYS_ACCEPT4, unix.SYS_READV:
		case unix.SYS_WRITE, unix.SYS_SENDTO, unix.SYS_SENDMSG, unix.SYS_WRITEV, unix.SYS_CONNECT:
			all = p.send
		default:
			continue
		}
		if d, ok := all[int(fd)]; ok {
			t.wait, t.deadline, t.fired, t.received = inReceive, tr.after(d), false, account
		}
	}
}
