//go:build linux && (amd64 || arm64)

package proctime

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// A rule says when a system call stops for the tracer, and which function answers it.
type rule struct {
	nr     uint32
	when   func(*program)
	answer func(*trap) (waitKind, time.Duration)
}

// rules returns the rules for an architecture. Frequent calls come first, because a filter is read
// from its beginning.
func rules(n *numbers, seeded bool) []rule {
	all := []rule{
		{n.clockGettime, clocks, (*trap).clockGettime},
		{n.futex, futexes, (*trap).futex},
		{n.epollWait, positive(3), milliseconds(3)},
		{n.epollPwait, positive(3), milliseconds(3)},
		{n.poll, positive(2), milliseconds(2)},
		{n.nanosleep, (*program).trace, (*trap).nanosleep},
		{n.clockNanosleep, (*program).trace, (*trap).clockNanosleep},
		{n.ppoll, notNull(2), andRest(inPoll, 2)},
		{n.epollPwait2, notNull(3), timed(inPoll, 3)},

		{n.pselect6, notNull(4), andRest(inSelect, 4)},
		{n.selects, notNull(4), (*trap).selects},
		{n.gettimeofday, (*program).trace, (*trap).gettimeofday},
		{n.time, (*program).trace, (*trap).time},
		{n.rtSigtimedwait, notNull(2), timed(inSignal, 2)},
		{n.recvmmsg, notNull(4), (*trap).receivesMany},
		{n.semtimedop, notNull(3), timed(inAgain, 3)},
		{n.ioGetevents, notNull(4), timed(inPoll, 4)},
		{n.ioPgetevents, notNull(4), timed(inPoll, 4)},
		{n.futexWaitv, notNull(3), (*trap).futexWaitv},
		{n.futexWait, notNull(4), (*trap).futex2Wait},
		{n.mqTimedsend, notNull(4), (*trap).queue},
		{n.mqTimedreceive, notNull(4), (*trap).queue},
		{n.timerfdSettime, (*program).trace, (*trap).setTimerfd},
		{n.timerfdGettime, (*program).trace, (*trap).getTimerfd},
		{n.setitimer, (*program).trace, (*trap).setItimer},
		{n.getitimer, (*program).trace, (*trap).getItimer},
		{n.alarm, (*program).trace, (*trap).alarm},
		{n.timerCreate, (*program).trace, (*trap).createTimer},
		{n.timerSettime, (*program).trace, (*trap).setTimer},
		{n.timerGettime, (*program).trace, (*trap).getTimer},
		{n.timerDelete, (*program).trace, (*trap).deleteTimer},
		{n.setsockopt, timeoutOptions, (*trap).setSocketTimeout},
		{n.getsockopt, timeoutOptions, (*trap).getSocketTimeout},
		{n.listen, (*program).trace, (*trap).listens},
		{n.connect, (*program).trace, (*trap).connects},
		{n.sysinfo, (*program).trace, (*trap).sysinfo},
		{n.times, (*program).trace, (*trap).times},
		{n.clockSettime, (*program).trace, (*trap).setClock},
		{n.settimeofday, (*program).trace, (*trap).setClock},
		{n.adjtimex, (*program).trace, (*trap).adjustClock},
		{n.clockAdjtime, (*program).trace, (*trap).adjustClock},
		{n.ptrace, (*program).trace, (*trap).traces},
		{n.execve, (*program).trace, (*trap).leavesProgram},
		{n.execveat, (*program).trace, (*trap).leavesProgram},
		{n.exitGroup, (*program).trace, (*trap).leavesProgram},
		{n.ioUringSetup, (*program).refuse, nil}, // libraries then use epoll
	}
	if seeded {
		all = append(all, rule{n.getrandom, (*program).trace, (*trap).getrandom})
	}
	return slices.DeleteFunc(all, func(r rule) bool { return r.nr == 0 })
}

// notNull traps a call whose argument is not NULL.
func notNull(arg int) func(*program) {
	return func(p *program) {
		p.load(low(arg))
		p.jump(unix.BPF_JEQ, 0, 0, 3)
		p.load(high(arg))
		p.jump(unix.BPF_JEQ, 0, 0, 1)
		p.allow()
		p.trace()
	}
}

// positive traps a call whose argument is an int above 0.
func positive(arg int) func(*program) {
	return func(p *program) {
		p.load(low(arg))
		p.jump(unix.BPF_JEQ, 0, 1, 0)
		p.jump(unix.BPF_JGE, 1<<31, 0, 1)
		p.allow()
		p.trace()
	}
}

// clocks traps reads of a clock, except processor clocks.
func clocks(p *program) {
	p.load(low(0))
	p.jump(unix.BPF_JGT, unix.CLOCK_TAI, 2, 0)
	p.jump(unix.BPF_JEQ, unix.CLOCK_PROCESS_CPUTIME_ID, 1, 0)
	p.jump(unix.BPF_JEQ, unix.CLOCK_THREAD_CPUTIME_ID, 0, 1)
	p.allow()
	p.trace()
}

// futexes traps the commands that can wait for a time, if there is one.
func futexes(p *program) {
	commands := []uint32{futexWait, futexWaitBitset, futexLockPI, futexWaitRequeuePI, futexLockPI2}
	p.load(low(1))
	p.add(unix.BPF_ALU|unix.BPF_AND|unix.BPF_K, futexCommand, 0, 0)
	for i, command := range commands {
		p.jump(unix.BPF_JEQ, command, uint8(len(commands)-i), 0)
	}
	p.allow()
	notNull(3)(p)
}

// timeoutOptions traps SO_RCVTIMEO and SO_SNDTIMEO.
func timeoutOptions(p *program) {
	p.load(low(1))
	p.jump(unix.BPF_JEQ, unix.SOL_SOCKET, 1, 0)
	p.allow()
	p.load(low(2))
	p.jump(unix.BPF_JEQ, unix.SO_RCVTIMEO, 2, 0)
	p.jump(unix.BPF_JEQ, unix.SO_SNDTIMEO, 1, 0)
	p.allow()
	p.trace()
}

// The commands of futex that can wait for a time, from linux/futex.h.
const (
	futexCommand       = 0x7f
	futexWait          = 0
	futexLockPI        = 6
	futexWaitBitset    = 9
	futexWaitRequeuePI = 11
	futexLockPI2       = 13
	// futexRealtime selects CLOCK_REALTIME for an absolute time.
	futexRealtime = 256
)
