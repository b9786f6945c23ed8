//go:build linux && (amd64 || arm64)

package proctime

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/chaosrun/chaosrun/internal/loopback"
)

const (
	// readCost is the time that each trap takes, so that a loop which only reads the clock ends.
	readCost = 100 * time.Nanosecond
	// readCostFree is the same if processor time is free: nothing else moves the clock in such a
	// loop.
	readCostFree = time.Microsecond
)

// A tracer holds the clock of a tree.
type tracer struct {
	o      Options
	report Report
	now    time.Duration
	// begun is the real time at which the clock began, and leapt how far the jumps moved it.
	begun time.Time
	leapt time.Duration
	// earliest is the earliest deadline, or a time before it; 0 if it is not known.
	earliest time.Duration
	origins  [12]time.Duration
	cost     time.Duration
	root     int
	code     int
	// became says that the stage has become the command.
	became bool
	// answers are those of the rules, behind that of calls of another architecture.
	answers []func(*trap) (waitKind, time.Duration)
	threads map[int]*thread
	// order holds the threads as they came, so that equal deadlines fire in the same order each
	// time.
	order     []*thread
	processes map[int]*process
	drawn     uint64
	// timerfds holds all timerfds of the tree. Unused ones are dropped once there are manyTimerfds;
	// the same applies to the sockets with timeouts, by inode.
	timerfds     []*timerfd
	manyTimerfds int
	sockets      map[uint64]socketTimeouts
	manySockets  int
	// ours are the ports that the tree listens on, and listeners the processes that do, or did.
	ours      map[uint16]bool
	listeners map[int]bool
	packets   procFile
	tcp       *tcpWatch
	busiest   int
	// crowded is until when others are taken to keep the processor busy.
	crowded time.Time
	// fresh lists what stayed in real time, or outside, since the last query of the tree.
	fresh []string
}

func newTracer(o Options) *tracer {
	tr := &tracer{
		o: o, begun: time.Now(), cost: readCost, threads: map[int]*thread{}, processes: map[int]*process{},
		ours: map[uint16]bool{}, listeners: map[int]bool{},
		sockets: map[uint64]socketTimeouts{}, drawn: o.Seed, packets: openProc("net/softnet_stat"),
	}
	tr.report.QuickAck = loopback.AcknowledgesAtOnce()
	tr.tcp = newTCPWatch(tr.report.QuickAck)
	if o.FreeCPU {
		tr.cost = readCostFree
	}
	machine := native()
	tr.answers = append(tr.answers, (*trap).foreign)
	for _, r := range rules(&machine.numbers, o.Seeded) {
		tr.answers = append(tr.answers, r.answer)
	}
	for clock := range tr.origins {
		var ts unix.Timespec
		if unix.ClockGettime(int32(clock), &ts) == nil {
			tr.origins[clock] = time.Duration(ts.Nano())
		}
	}
	return tr
}

func (tr *tracer) close() {
	for _, t := range tr.order {
		t.close()
	}
	for _, t := range tr.timerfds {
		_ = unix.Close(t.own)
	}
	tr.packets.close()
	tr.tcp.close()
}

// realTime notes that a process left the virtual time for a reason.
func (tr *tracer) realTime(pid int, why string) { tr.note(&tr.report.RealTime, pid, why) }

// outside notes that a process has a peer outside of the tree.
func (tr *tracer) outside(pid int, why string) { tr.note(&tr.report.Outside, pid, why) }

func (tr *tracer) note(list *[]string, pid int, why string) {
	const most = 20
	said := nameOf(pid) + " " + why
	if len(tr.fresh) < most && !slices.Contains(tr.fresh, said) {
		tr.fresh = append(tr.fresh, said)
	}
	if len(*list) < most && !slices.Contains(*list, said) {
		*list = append(*list, said)
	}
}

// thread returns the thread, which is new to the tracer if it was not seen before.
func (tr *tracer) thread(tid int) *thread {
	t := tr.threads[tid]
	if t == nil {
		t = newThread(tid)
		tr.threads[tid] = t
		tr.order = append(tr.order, t)
		tr.process(t.pid)
	}
	return t
}

func (tr *tracer) process(pid int) *process {
	p := tr.processes[pid]
	if p == nil {
		tr.drawn += 0x1234567
		p = newProcess(pid, tr.drawn)
		p.born, p.lookAgain = tr.now, tr.now+firstLook
		tr.processes[pid] = p
	}
	return p
}

// drop forgets a thread that has ended, and its process with the last one.
func (tr *tracer) drop(tid int) {
	t := tr.threads[tid]
	if t == nil {
		return
	}
	t.close()
	delete(tr.threads, tid)
	tr.order = slices.DeleteFunc(tr.order, func(other *thread) bool { return other == t })
	if tid != t.pid {
		return
	}
	delete(tr.processes, tid)
}

// charge adds the processor time that a process used since the last time to the clock.
func (tr *tracer) charge(p *process) {
	used, ok := p.used()
	if !ok || used <= p.charged {
		return
	}
	spent := used - p.charged
	p.charged = used
	if tr.o.FreeCPU {
		return
	}
	tr.report.CPU += spent
	if tr.o.Speed == 0 {
		tr.now += spent
	}
}

func (tr *tracer) chargeAll() {
	for _, p := range tr.processes {
		tr.charge(p)
	}
}

// handle handles one stop or end of a thread. It returns true when the command itself has ended.
func (tr *tracer) handle(tid int, status unix.WaitStatus) bool {
	if status.Exited() || status.Signaled() {
		if tid == tr.root {
			tr.code = status.ExitStatus()
			if status.Signaled() {
				tr.code = 128 + int(status.Signal())
			}
			tr.chargeAll()
			tr.drop(tid)
			return true
		}
		tr.drop(tid)
		return false
	}
	if !status.Stopped() {
		return false
	}
	t := tr.thread(tid)
	t.still = false
	how, signal := tr.stopped(t, status)
	if t.wait.ends() && how == unix.PTRACE_CONT {
		how = unix.PTRACE_SYSCALL // it is in a wait still, whose end is to be seen
	}
	ptrace(how, tid, 0, uintptr(signal))
	return false
}

// stopped handles a stop. It returns how to go on, and the signal to deliver.
func (tr *tracer) stopped(t *thread, status unix.WaitStatus) (how int, signal unix.Signal) {
	const systemCall = unix.SIGTRAP | 0x80
	signal = status.StopSignal()
	switch event := int(status) >> 16; {
	case signal == systemCall:
		if t.wait.ends() {
			tr.onReturn(t)
		}
	case event == unix.PTRACE_EVENT_SECCOMP:
		return tr.seccomp(t), 0
	case event == unix.PTRACE_EVENT_EXEC:
		tr.exec(t)
	case event == unix.PTRACE_EVENT_STOP:
		switch signal { //nolint:exhaustive // those that stop a whole process
		case unix.SIGSTOP, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU:
			return unix.PTRACE_LISTEN, 0
		}
		tr.interrupted(t)
	case event != 0:
		tr.born(t, event)
	default: // a signal on its way
		if t.wait == inReceive {
			t.wait = noWait
		}
		if t.resume && handles(t.tid, signal) {
			t.resume = false
		}
		return unix.PTRACE_CONT, signal
	}
	return unix.PTRACE_CONT, 0
}

// seccomp handles a trapped system call.
func (tr *tracer) seccomp(t *thread) (how int) {
	if t.wait == inReceive {
		t.wait = noWait
	}
	tr.report.Traps++
	c := trap{tracer: tr, t: t, p: tr.process(t.pid)}
	tr.charge(c.p)
	tr.follow()
	if tr.o.Speed == 0 {
		tr.now += tr.cost
	}
	if tr.now >= c.p.lookAgain {
		tr.lookForVDSO(c.p)
	}
	reads := tr.report.Reads
	how = unix.PTRACE_CONT
	if rule, ok := eventMessage(t.tid); ok && getFrame(t.tid, &c.f) && c.onCall(rule) {
		how = unix.PTRACE_SYSCALL
	}
	if tr.report.Reads == reads { // what reads a clock sets no deadline
		tr.earliest = 0
	}
	return how
}

// born takes in a new thread or process.
func (tr *tracer) born(t *thread, event int) {
	switch event {
	case unix.PTRACE_EVENT_CLONE, unix.PTRACE_EVENT_FORK, unix.PTRACE_EVENT_VFORK:
		if tid, ok := eventMessage(t.tid); ok && exists(tid) {
			child := tr.thread(tid)
			if child.pid != t.pid {
				tr.process(child.pid).vdso = tr.process(t.pid).vdso
			}
		}
	}
}

// exists reports whether a thread has not ended. The end of a short one may be reported before its
// birth.
func exists(tid int) bool {
	_, _, errno := unix.RawSyscall(unix.SYS_TKILL, uintptr(tid), 0, 0)
	return errno == 0
}

// begin starts the tree's time with the command. What the stage did before differs from run to run.
func (tr *tracer) begin(command *process) {
	tr.became, tr.begun, tr.now, tr.leapt, tr.earliest = true, time.Now(), 0, 0, 0
	tr.report = Report{QuickAck: tr.report.QuickAck}
	command.charged, _ = command.used()
	command.draw = tr.drawn
}

// exec handles a new program. All other threads of the process are gone, and one that was not the
// first has become it.
func (tr *tracer) exec(t *thread) {
	if old, ok := eventMessage(t.tid); ok && old != t.tid {
		tr.drop(old)
	}
	t.wait, t.resume = noWait, false
	t.close()
	t.open()
	p := tr.process(t.pid)
	p.timers = map[int]*timer{}
	if !tr.became {
		tr.begin(p)
	}
	var random func(uint64)
	if tr.o.Seeded {
		random = func(at uint64) { p.random(t.tid, at, 16) }
	}
	p.vdso, p.born, p.lookAgain = hideVDSO(t.tid, random), tr.now, tr.now+firstLook
	tr.seeProgram(p)
}
