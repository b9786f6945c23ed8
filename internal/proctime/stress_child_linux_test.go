//go:build linux && (amd64 || arm64)

package proctime_test

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// patience is the timeout of every wait of a program that exchanges data all the time. It is far
// more than the processor time that one uses, and less than the minute for which an idle Go
// program sleeps: a wrong jump goes to the earliest deadline, and that is to be one of those that
// are counted.
const patience = 50 * time.Second

// A tally counts the waits of several processes, in memory that they share.
type tally struct {
	// Good counts the waits that were fulfilled, Wrong those that timed out: only a jump while
	// data is under way does that.
	Good    int64 `json:"good"`
	Wrong   int64 `json:"wrong"`
	turn    uint32
	helpers [100]int
}

// rounds is how often each process is to wait.
func rounds() int {
	n, err := strconv.Atoi(os.Getenv("ROUNDS"))
	must(err)
	return n
}

func newTally() *tally {
	debug.SetGCPercent(-1)
	runtime.LockOSThread()
	b, err := unix.Mmap(-1, 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_ANONYMOUS)
	must(err)
	return (*tally)(unsafe.Pointer(&b[0]))
}

// fork starts a process of one thread that does something and ends. It has no scheduler of Go,
// which naps for microseconds again and again: a wrong jump would only end such a nap.
func fork(do func()) int {
	pid, _, errno := unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	switch {
	case errno != 0:
		panic(errno)
	case pid == 0:
		do()
		quit(0)
	}
	return int(pid)
}

func quit(code int) {
	_, _, _ = unix.RawSyscall(unix.SYS_EXIT_GROUP, uintptr(code), 0, 0)
}

// check ends a process in which a call failed.
func check(errno unix.Errno) {
	if errno != 0 {
		quit(int(errno))
	}
}

// print waits for the processes, ends those that never end, and prints what was counted.
func (c *tally) print(players []int, others ...int) {
	for _, pid := range players {
		reap(pid)
	}
	for _, pid := range others {
		must(unix.Kill(pid, unix.SIGKILL))
		_, err := unix.Wait4(pid, nil, 0, nil)
		must(err)
	}
	must(json.NewEncoder(os.Stdout).Encode(c))
}

func reap(pid int) {
	var status unix.WaitStatus
	_, err := unix.Wait4(pid, &status, 0, nil)
	must(err)
	if status != 0 {
		panic(fmt.Sprintf("process %d ended with %x", pid, uint32(status)))
	}
}

// timedOut polls a descriptor, or none if it is below 0, for as long as patience has it.
func timedOut(fd int) bool {
	in := unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}
	limit := unix.NsecToTimespec(int64(patience))
	n, _, errno := unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&in)), 1, uintptr(unsafe.Pointer(&limit)), 0,
		0, 0)
	if errno == unix.EINTR {
		return false
	}
	check(errno)
	return n == 0
}

// readable waits until something can be read. It goes on if the wait times out, which is counted.
func (c *tally) readable(fd int) {
	for timedOut(fd) {
		atomic.AddInt64(&c.Wrong, 1)
	}
	atomic.AddInt64(&c.Good, 1)
}

func read(fd int, b *byte) {
	_, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(b)), 1)
	check(errno)
}

func write(fd int, b *byte) {
	_, _, errno := unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(b)), 1)
	check(errno)
}

// play sends n bytes and receives as many, one after the other. The first player begins.
func (c *tally) play(in, out, n int, first bool) {
	var b byte
	if first {
		write(out, &b)
	}
	for i := range n {
		c.readable(in)
		read(in, &b)
		if i < n-1 || !first {
			write(out, &b)
		}
	}
}

// pair lets two processes play over two descriptors each.
func (c *tally) pair(one, other [2]int, n int) []int {
	return []int{
		fork(func() { c.play(one[0], one[1], n, true) }),
		fork(func() { c.play(other[0], other[1], n, false) }),
	}
}

// pipes returns the ends of two pipes, crosswise.
func pipes() (one, other [2]int) {
	var a, b [2]int
	must(unix.Pipe(a[:]))
	must(unix.Pipe(b[:]))
	return [2]int{a[0], b[1]}, [2]int{b[0], a[1]}
}

// sockets returns the ends of a TCP connection.
func sockets() (one, other [2]int) {
	a, b := tcpPair()
	return [2]int{a, a}, [2]int{b, b}
}

// pingpong plays over pipes, a socket pair, TCP and a futex, side by side.
func pingpong() {
	c, n := newTally(), rounds()
	one, other := pipes()
	players := c.pair(one, other, n)
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	must(err)
	players = append(players, c.pair([2]int{ends[0], ends[0]}, [2]int{ends[1], ends[1]}, n)...)
	one, other = sockets()
	players = append(players, c.pair(one, other, n)...)
	c.print(append(players, fork(func() { c.turns(0, n) }), fork(func() { c.turns(1, n) })))
}

// turns waits for its turn in a word of memory, and gives it to the other.
func (c *tally) turns(mine uint32, n int) {
	const wait, wake = 0, 1
	at := uintptr(unsafe.Pointer(&c.turn))
	for range n {
		for atomic.LoadUint32(&c.turn) != mine {
			limit := unix.NsecToTimespec(int64(patience))
			_, _, errno := unix.RawSyscall6(unix.SYS_FUTEX, at, wait, uintptr(1-mine), uintptr(unsafe.Pointer(&limit)),
				0, 0)
			if errno == unix.ETIMEDOUT {
				atomic.AddInt64(&c.Wrong, 1)
			}
		}
		atomic.AddInt64(&c.Good, 1)
		atomic.StoreUint32(&c.turn, 1-mine)
		_, _, _ = unix.RawSyscall6(unix.SYS_FUTEX, at, wake, 1, 0, 0, 0)
	}
}

// processes plays between a hundred pairs of processes at once.
func processes() {
	c := newTally()
	const pairs = 100
	var players []int
	for range pairs {
		one, other := pipes()
		players = append(players, c.pair(one, other, rounds()/pairs)...)
	}
	c.print(players)
}

// witness starts a process that sleeps again and again. Each sleep that ends is a wrong jump.
func (c *tally) witness() int {
	return fork(func() {
		for {
			if timedOut(-1) {
				atomic.AddInt64(&c.Wrong, 1)
			}
		}
	})
}

// silent plays without a timeout, so nothing stops for the tracer: it only sees who sleeps.
func silent(ends func() (one, other [2]int)) {
	c, n := newTally(), rounds()
	witness := c.witness()
	bounce := func(in, out int, first bool) {
		var b byte
		for i := range n {
			if i > 0 || !first {
				read(in, &b)
			}
			write(out, &b)
			atomic.AddInt64(&c.Good, 1)
		}
	}
	one, other := ends()
	c.print([]int{
		fork(func() { bounce(one[0], one[1], true) }),
		fork(func() { bounce(other[0], other[1], false) }),
	}, witness)
}

// nagle writes twice and then reads, with Nagle's algorithm on: each round both sides sleep for
// 40 ms while data is under way. Several connections do so side by side.
func nagle() {
	c := newTally()
	const pairs = 5
	n := rounds() / pairs
	var players []int
	for range pairs {
		a, b := tcpPair()
		must(unix.SetsockoptInt(a, unix.IPPROTO_TCP, unix.TCP_NODELAY, 0))
		must(unix.SetsockoptInt(b, unix.IPPROTO_TCP, unix.TCP_NODELAY, 0))
		players = append(players, fork(func() {
			var one byte
			for range n {
				read(b, &one)
				read(b, &one)
				write(b, &one)
			}
		}), fork(func() {
			var one byte
			for range n {
				write(a, &one)
				write(a, &one)
				c.readable(a)
				read(a, &one)
			}
		}))
	}
	c.print(players)
}

// forks starts programs, and waits for each with a timeout. Every other one is waited for without a
// timeout, as most programs do, while the witness sleeps.
func forks() {
	c, n := newTally(), rounds()
	witness := c.witness()
	program, err := syscall.BytePtrFromString("/bin/true")
	must(err)
	arguments := []*byte{program, nil}
	c.print([]int{fork(func() {
		for i := range n {
			pid := fork(func() {
				_, _, errno := unix.RawSyscall(unix.SYS_EXECVE, uintptr(unsafe.Pointer(program)),
					uintptr(unsafe.Pointer(&arguments[0])), 0)
				check(errno)
			})
			if i%2 == 0 {
				handle, _, errno := unix.RawSyscall(unix.SYS_PIDFD_OPEN, uintptr(pid), 0, 0)
				check(errno)
				c.readable(int(handle))
				_, _, _ = unix.RawSyscall(unix.SYS_CLOSE, handle, 0, 0)
			} else {
				atomic.AddInt64(&c.Good, 1)
			}
			_, _, errno := unix.RawSyscall6(unix.SYS_WAIT4, uintptr(pid), 0, 0, 0, 0, 0)
			check(errno)
		}
	})}, witness)
}

// reaper asks again and again whether one of its children has died. The kernel has a thread that
// does so in state S meanwhile, although it runs.
func reaper() {
	c, n := newTally(), rounds()
	witness := c.witness()
	c.print([]int{fork(func() {
		for i := range c.helpers {
			c.helpers[i] = fork(func() { _, _, _ = unix.RawSyscall6(unix.SYS_PPOLL, 0, 0, 0, 0, 0, 0) })
		}
		for range n {
			_, _, errno := unix.RawSyscall6(unix.SYS_WAIT4, ^uintptr(0), 0, unix.WNOHANG, 0, 0, 0)
			check(errno)
			atomic.AddInt64(&c.Good, 1)
		}
		for _, pid := range c.helpers {
			_, _, _ = unix.RawSyscall(unix.SYS_KILL, uintptr(pid), uintptr(unix.SIGKILL), 0)
		}
	})}, witness)
}

// untilEOF runs something that never ends, until the input ends.
func untilEOF(do func()) {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0) //nolint:revive // it is all that the program does
	}()
	fmt.Println("busy")
	for {
		do()
	}
}

// threads plays between a hundred pairs of threads at once. It is a program of Go, whose scheduler
// hides wrong jumps; testdata/stress.rs is one without.
func threads() {
	c := newTally()
	const pairs = 100
	n := rounds() / pairs
	done := make(chan struct{})
	play := func(in, out int, first bool) {
		runtime.LockOSThread()
		polled, b := []unix.PollFd{{Fd: int32(in), Events: unix.POLLIN}}, make([]byte, 1)
		for i := range n {
			for i > 0 || !first {
				k, err := unix.Poll(polled, int(patience.Milliseconds()))
				if k > 0 {
					atomic.AddInt64(&c.Good, 1)
					_, err = unix.Read(in, b)
					must(err)
					break
				}
				if err == nil {
					atomic.AddInt64(&c.Wrong, 1)
				}
			}
			_, err := unix.Write(out, b)
			must(err)
		}
		done <- struct{}{}
	}
	for range pairs {
		one, other := pipes()
		go play(one[0], one[1], true)
		go play(other[0], other[1], false)
	}
	for range 2 * pairs {
		<-done
	}
	c.print(nil)
}
