//go:build linux && (amd64 || arm64)

package proctime

import (
	"bytes"
	"os"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A timerfd is the open file of a timer. Several processes may have descriptors of the same one,
// through fork, dup, or by sending one to another process.
type timerfd struct {
	timer

	// own is a descriptor of this process for it.
	own int
	// pid and fd are its process and descriptor when it was last seen.
	pid, fd int
	// clock is what it counts by.
	clock uint64
}

// heldBy reports whether a descriptor of a process refers to this timerfd. known is false if the
// kernel cannot tell.
func (t *timerfd) heldBy(pid, fd int) (same, known bool) {
	const file = 0 // KCMP_FILE
	order, _, errno := unix.RawSyscall6(unix.SYS_KCMP, uintptr(os.Getpid()), uintptr(pid), file, uintptr(t.own),
		uintptr(fd), 0)
	switch errno { //nolint:exhaustive // the others do not tell
	case 0:
		return order == 0, true
	case unix.EBADF, unix.ESRCH:
		return false, true
	}
	return t.pid == pid && t.fd == fd, false
}

// timerfd returns the timerfd of a descriptor, nil if it was not taken over yet.
func (tr *tracer) timerfd(pid, fd int) *timerfd {
	for _, t := range tr.timerfds {
		if same, _ := t.heldBy(pid, fd); same {
			t.pid, t.fd = pid, fd
			return t
		}
	}
	return nil
}

// takeTimerfd takes a timerfd over: the tracer has a duplicate, and lets it fire.
func (tr *tracer) takeTimerfd(pid, fd int) *timerfd {
	own := duplicate(pid, fd)
	if own < 0 {
		tr.realTime(pid, "uses a timerfd that could not be taken over")
		return nil
	}
	clock, err := strconv.ParseUint(ownField(own, "clockid:"), 10, 64)
	if err != nil {
		_ = unix.Close(own) // it is no timerfd
		return nil
	}
	t := &timerfd{timer: idle(), own: own, pid: pid, fd: fd, clock: clock}
	if _, known := t.heldBy(pid, fd); !known {
		tr.realTime(pid, "uses a timerfd, and this kernel does not show which processes share it")
	}
	tr.dropTimerfds()
	tr.timerfds = append(tr.timerfds, t)
	return t
}

// ownField returns a field of what the kernel says of a descriptor of this process.
func ownField(own int, name string) string {
	data, err := os.ReadFile("/proc/self/fdinfo/" + strconv.Itoa(own))
	if err != nil {
		return ""
	}
	_, rest, _ := bytes.Cut(data, []byte("\n"+name))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	return string(bytes.TrimSpace(line))
}

func (c *trap) getTimerfd() (waitKind, time.Duration) {
	t := c.timerfd(c.p.pid, c.number())
	if t == nil {
		return untouched()
	}
	return c.getTime(&t.timer)
}

func (c *trap) setTimerfd() (waitKind, time.Duration) {
	fd := c.number()
	t := c.timerfd(c.p.pid, fd)
	if t == nil {
		t = c.takeTimerfd(c.p.pid, fd)
	}
	if t == nil {
		return untouched()
	}
	const absolute = 1
	old := t.timer
	if !c.set(&t.timer, *c.f.arg(2), *c.f.arg(1)&absolute != 0, t.clock) {
		return untouched()
	}
	c.writeTimer(*c.f.arg(3), &old)
	_ = unix.TimerfdSettime(t.own, 0, &unix.ItimerSpec{}, nil) // discards ticks that were not read
	return c.answer(0)
}

// expire adds n ticks to a timerfd. It forgets one that no process has any more.
func (tr *tracer) expire(t *timerfd, n int) {
	if same, _ := t.heldBy(t.pid, t.fd); !same && !tr.findHolder(t) {
		t.deadline = never
		tr.dropTimerfds()
		return
	}
	ticks := uint64(n)
	unread, _ := unix.Poll([]unix.PollFd{{Fd: int32(t.own), Events: unix.POLLIN}}, 0)
	if unread > 0 {
		before, err := strconv.ParseUint(ownField(t.own, "ticks:"), 10, 64)
		if err == nil {
			ticks += before
		}
	}
	const setTicks = 0x40085400 // TFD_IOC_SET_TICKS of linux/timerfd.h
	_, _, errno := unix.RawSyscall(unix.SYS_IOCTL, uintptr(t.own), setTicks, uintptr(unsafe.Pointer(&ticks)))
	if errno == 0 {
		return
	}
	if ticks > 1 {
		tr.realTime(t.pid, "has a timerfd whose unread ticks this kernel cannot add up")
	}
	soon := unix.ItimerSpec{Value: unix.Timespec{Nsec: 1}}
	_ = unix.TimerfdSettime(t.own, 0, &soon, nil)
	_, _ = unix.Poll([]unix.PollFd{{Fd: int32(t.own), Events: unix.POLLIN}}, 50)
}

// findHolder looks for a descriptor of a timerfd in the whole tree.
func (tr *tracer) findHolder(t *timerfd) bool {
	for pid := range tr.processes {
		for _, fd := range descriptors(pid, "anon_inode:[timerfd]") {
			if same, _ := t.heldBy(pid, fd); same {
				t.pid, t.fd = pid, fd
				return true
			}
		}
	}
	return false
}

// dropTimerfds forgets timerfds that no process has any more, if there are many, and those that are
// not set.
func (tr *tracer) dropTimerfds() {
	const many = 64
	if len(tr.timerfds) < tr.manyTimerfds {
		return
	}
	var left []*timerfd
	for _, t := range tr.timerfds {
		if same, _ := t.heldBy(t.pid, t.fd); same || tr.findHolder(t) {
			left = append(left, t)
			continue
		}
		_ = unix.Close(t.own)
	}
	tr.timerfds, tr.manyTimerfds = left, max(many, 2*len(left))
}
