//go:build linux && (amd64 || arm64)

package proctime

import (
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// socketTimeouts holds SO_RCVTIMEO and SO_SNDTIMEO of a socket, 0 for none.
type socketTimeouts struct{ receive, send time.Duration }

// of returns a pointer to the timeout that an option of setsockopt is for.
func (s *socketTimeouts) of(option uint64) *time.Duration {
	if option == unix.SO_SNDTIMEO {
		return &s.send
	}
	return &s.receive
}

// socketOf returns the inode of the socket of a thread's descriptor, which identifies it in all
// processes. It is 0 if the descriptor is not a socket.
func socketOf(tid, fd int) uint64 {
	target, err := os.Readlink("/proc/" + strconv.Itoa(tid) + "/fd/" + strconv.Itoa(fd))
	if err != nil {
		return 0
	}
	return inode(target)
}

func inode(target string) uint64 {
	number, ok := strings.CutPrefix(target, "socket:[")
	if !ok {
		return 0
	}
	n, _ := strconv.ParseUint(strings.TrimSuffix(number, "]"), 10, 64)
	return n
}

// descriptors returns the descriptors of a process whose target begins with a text.
func descriptors(pid int, prefix string) []int {
	folder := "/proc/" + strconv.Itoa(pid) + "/fd/"
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	var found []int
	for _, e := range entries {
		target, err := os.Readlink(folder + e.Name())
		if fd, number := strconv.Atoi(e.Name()); err == nil && number == nil && strings.HasPrefix(target, prefix) {
			found = append(found, fd)
		}
	}
	return found
}

// setSocketTimeout remembers SO_RCVTIMEO or SO_SNDTIMEO. The real one stays none.
func (c *trap) setSocketTimeout() (waitKind, time.Duration) {
	f := &c.f
	d, ok := readTimeval(c.t.tid, *f.arg(3))
	socket := socketOf(c.t.tid, c.number())
	if *f.arg(4) < timespecSize || !ok || socket == 0 {
		return untouched()
	}
	s := c.sockets[socket]
	*s.of(*f.arg(2)) = d
	c.sockets[socket] = s
	if s == (socketTimeouts{}) {
		delete(c.sockets, socket)
	}
	c.dropSockets()
	return c.answer(0)
}

// getSocketTimeout answers with what was set.
func (c *trap) getSocketTimeout() (waitKind, time.Duration) {
	f := &c.f
	s, known := c.sockets[socketOf(c.t.tid, c.number())]
	var size [4]byte
	if !known || !readMemory(c.t.tid, *f.arg(4), size[:]) || size[0] < timespecSize {
		return untouched()
	}
	ok := writeTimeval(c.t.tid, *f.arg(3), *s.of(*f.arg(2))) &&
		writeMemory(c.t.tid, *f.arg(4), []byte{timespecSize, 0, 0, 0})
	return c.answer(orFault(ok))
}

// dropSockets forgets the sockets that no process has any more, if there are many.
func (tr *tracer) dropSockets() {
	const many = 1024
	if len(tr.sockets) < max(many, tr.manySockets) {
		return
	}
	left := map[uint64]socketTimeouts{}
	for pid := range tr.processes {
		for _, fd := range descriptors(pid, "socket:[") {
			if s, ok := tr.sockets[socketOf(pid, fd)]; ok {
				left[socketOf(pid, fd)] = s
			}
		}
	}
	tr.sockets, tr.manySockets = left, 2*len(left)
}

// findReceivers finds the threads that sleep on a socket with a timeout. Their calls are not
// trapped, because most sockets have none. A thread that used the processor since it was found is
// in another call.
func (tr *tracer) findReceivers() {
	if len(tr.sockets) == 0 {
		return
	}
	for _, t := range tr.order {
		if t.wait != noWait && t.wait != atExit && (t.wait != inReceive || t.fired) {
			continue
		}
		account := t.account()
		if t.wait == inReceive {
			if account == t.received {
				continue
			}
			t.wait = noWait
		}
		nr, fd, ok := t.inCall()
		if !ok {
			continue
		}
		kind, option := socketCall(nr)
		switch {
		case kind == noWait, t.wait == atExit && kind != inConnect:
			continue
		case t.wait == noWait:
			kind = inReceive // its end is not seen
		}
		s := tr.sockets[socketOf(t.tid, int(int32(fd)))]
		if d := *s.of(option); d > 0 {
			t.wait, t.deadline, t.fired, t.received = kind, tr.after(d), false, account
		}
	}
}

// socketCall returns what a call that may sleep on a socket waits in, and which timeout it has.
func socketCall(nr int64) (kind waitKind, option uint64) {
	switch nr {
	case unix.SYS_READ, unix.SYS_RECVFROM, unix.SYS_RECVMSG, unix.SYS_RECVMMSG, unix.SYS_ACCEPT, unix.SYS_ACCEPT4,
		unix.SYS_READV, unix.SYS_SPLICE:
		return inReceive, unix.SO_RCVTIMEO
	case unix.SYS_WRITE, unix.SYS_SENDTO, unix.SYS_SENDMSG, unix.SYS_SENDMMSG, unix.SYS_WRITEV, unix.SYS_SENDFILE:
		return inReceive, unix.SO_SNDTIMEO
	case unix.SYS_CONNECT:
		return inConnect, unix.SO_SNDTIMEO
	}
	return noWait, 0
}
