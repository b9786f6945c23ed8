//go:build linux && (amd64 || arm64)

package proctime

import (
	"encoding/binary"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A process is one process of the tree, with its timers.
type process struct {
	pid int
	// charged is the processor time that was added to the clock.
	charged time.Duration
	// vdso is where the hidden vDSO of its program is, 0 if there is none. The process is looked
	// at for it at lookAgain; born is when it came.
	vdso            uint64
	lookAgain, born time.Duration
	// draw is the state of the process's random numbers.
	draw uint64
	// itimer is the one of setitimer and alarm. timers are those of POSIX by their number.
	itimer timer
	timers map[int]*timer
}

// A timer fires at deadline, and then again after each interval.
type timer struct {
	deadline, interval time.Duration
	// signal, thread and value say how a POSIX timer notifies. thread 0 is the whole process.
	signal, thread int
	value          uint64
	// clock is that of a POSIX timer.
	clock uint64
}

// idle is a timer that is not set.
func idle() timer { return timer{deadline: never} }

// pass sets the next deadline of a timer that has come to its deadline, and returns how many
// deadlines have passed until now.
func (t *timer) pass(now time.Duration) int {
	if t.interval == 0 {
		t.deadline = never
		return 1
	}
	n := max(1, int((now-t.deadline)/t.interval)+1)
	t.deadline += time.Duration(n) * t.interval
	return n
}

func newProcess(pid int, draw uint64) *process {
	p := &process{pid: pid, draw: draw, itimer: idle(), timers: map[int]*timer{}}
	p.charged, _ = p.used()
	return p
}

// used returns the processor time of the process. It is kept until the process is reaped.
func (p *process) used() (time.Duration, bool) {
	const perProcess = 2 // CPUCLOCK_SCHED
	var ts unix.Timespec
	id := ^int32(p.pid)<<3 | perProcess
	_, _, errno := unix.RawSyscall(unix.SYS_CLOCK_GETTIME, uintptr(id), uintptr(unsafe.Pointer(&ts)), 0)
	if errno != 0 {
		return 0, false
	}
	return time.Duration(ts.Nano()), true
}

// random writes n random bytes into the process: splitmix64 from its seed.
func (p *process) random(tid int, at uint64, n int) {
	var b []byte
	for len(b) < n {
		p.draw += 0x9e3779b97f4a7c15
		z := p.draw
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		b = binary.NativeEndian.AppendUint64(b, z^z>>31)
	}
	writeMemory(tid, at, b[:n])
}

// duplicate returns a descriptor of this process for one of the given process. The error is -1.
func duplicate(pid, fd int) int {
	handle, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return -1
	}
	defer unix.Close(handle) //nolint:errcheck // nothing was written
	own, err := unix.PidfdGetfd(handle, fd, 0)
	if err != nil {
		return -1
	}
	return own
}

// next returns the earliest timer of the process, nil if none is set.
func (p *process) next() *timer {
	first := &p.itimer
	for _, t := range p.timers {
		if t.deadline < first.deadline {
			first = t
		}
	}
	if first.deadline == never {
		return nil
	}
	return first
}

// fire notifies of a timer, and sets it again if it has an interval.
func (p *process) fire(t *timer) {
	if t.interval > 0 {
		t.deadline += t.interval
	} else {
		t.deadline = never
	}
	if t == &p.itimer {
		_ = unix.Kill(p.pid, unix.SIGALRM)
		return
	}
	for id, other := range p.timers {
		if other == t && t.signal != 0 {
			p.queue(id, t)
		}
	}
}

// queue sends the signal of a POSIX timer, as the kernel does.
func (p *process) queue(id int, t *timer) {
	var info [128]byte
	put := func(at int, v uint32) { binary.NativeEndian.PutUint32(info[at:], v) }
	const timerCode = -2 // SI_TIMER
	code := int32(timerCode)
	put(0, uint32(t.signal))
	put(8, uint32(code))
	put(16, uint32(id))
	binary.NativeEndian.PutUint64(info[24:], t.value)
	if t.thread != 0 {
		_, _, _ = unix.RawSyscall6(unix.SYS_RT_TGSIGQUEUEINFO, uintptr(p.pid), uintptr(t.thread), uintptr(t.signal),
			uintptr(unsafe.Pointer(&info)), 0, 0)
		return
	}
	_, _, _ = unix.RawSyscall(unix.SYS_RT_SIGQUEUEINFO, uintptr(p.pid), uintptr(t.signal),
		uintptr(unsafe.Pointer(&info)))
}
