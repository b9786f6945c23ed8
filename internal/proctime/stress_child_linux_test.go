//go:build linux && amd64

package proctime_test

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A tally is what a program that exchanges data all the time prints. Each of its waits has a timeout
// of patience, which only a jump while data is under way can reach.
type tally struct {
	// Rounds counts the waits that were fulfilled, Wrong those that timed out, Took is the program's
	// own time.
	Rounds, Wrong int64
	Took          time.Duration
}

// patience is far longer than the processor time that a program here uses.
const patience = 10 * time.Minute

// rounds is how often the program is to wait.
func rounds() int {
	n, err := strconv.Atoi(os.Getenv("ROUNDS"))
	must(err)
	return n
}

// A counter counts waits, from any thread.
type counter struct {
	good, wrong atomic.Int64
	began       time.Time
}

func newCounter() *counter { return &counter{began: time.Now()} }

func (c *counter) print() {
	must(json.NewEncoder(os.Stdout).Encode(tally{c.good.Load(), c.wrong.Load(), time.Since(c.began)}))
}

// readable waits until something can be read. It goes on if the wait times out, which is counted.
func (c *counter) readable(fd int) {
	for in := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}; ; {
		n, err := unix.Poll(in, int(patience.Milliseconds()))
		switch {
		case n > 0:
			c.good.Add(1)
			return
		case err == nil:
			c.wrong.Add(1)
		case err != unix.EINTR: //nolint:errorlint // a system call's own error
			panic(err)
		}
	}
}

// play sends n bytes and receives as many, one after the other. The first player begins.
func (c *counter) play(in, out, n int, first bool) {
	runtime.LockOSThread()
	var b [1]byte
	if first {
		_, err := unix.Write(out, b[:])
		must(err)
	}
	for i := range n {
		c.readable(in)
		_, err := unix.Read(in, b[:])
		must(err)
		if i < n-1 || !first {
			_, err = unix.Write(out, b[:])
			must(err)
		}
	}
}

// pair lets two threads play over two descriptors each.
func (c *counter) pair(wg *sync.WaitGroup, one, other [2]int, n int) {
	wg.Go(func() { c.play(one[0], one[1], n, true) })
	wg.Go(func() { c.play(other[0], other[1], n, false) })
}

// pipes returns the ends of two pipes, crosswise.
func pipes() (one, other [2]int) {
	var a, b [2]int
	must(unix.Pipe(a[:]))
	must(unix.Pipe(b[:]))
	return [2]int{a[0], b[1]}, [2]int{b[0], a[1]}
}

// pingpong plays over pipes, a socket pair, TCP and a futex, side by side.
func pingpong() {
	c := newCounter()
	var wg sync.WaitGroup
	n := rounds()
	one, other := pipes()
	c.pair(&wg, one, other, n)
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	must(err)
	c.pair(&wg, [2]int{ends[0], ends[0]}, [2]int{ends[1], ends[1]}, n)
	a, b := tcpPair()
	c.pair(&wg, [2]int{a, a}, [2]int{b, b}, n)
	var turn uint32
	wg.Go(func() { c.turns(&turn, 0, n) })
	wg.Go(func() { c.turns(&turn, 1, n) })
	wg.Wait()
	c.print()
}

// turns waits for its turn in a word of memory, and gives it to the other.
func (c *counter) turns(turn *uint32, mine uint32, n int) {
	runtime.LockOSThread()
	const wait, wake, private = 0, 1, 128
	limit := unix.NsecToTimespec(int64(patience))
	at := uintptr(unsafe.Pointer(turn))
	for range n {
		for atomic.LoadUint32(turn) != mine {
			_, _, errno := unix.Syscall6(unix.SYS_FUTEX, at, wait|private, uintptr(1-mine), uintptr(unsafe.Pointer(&limit)), 0, 0)
			if errno == unix.ETIMEDOUT {
				c.wrong.Add(1)
			}
		}
		c.good.Add(1)
		atomic.StoreUint32(turn, 1-mine)
		_, _, _ = unix.Syscall6(unix.SYS_FUTEX, at, wake|private, 1, 0, 0, 0)
	}
}

// threads plays between a hundred pairs of threads at once.
func threads() {
	c := newCounter()
	var wg sync.WaitGroup
	const pairs = 100
	for range pairs {
		one, other := pipes()
		c.pair(&wg, one, other, rounds()/pairs)
	}
	wg.Wait()
	c.print()
}

// nagle writes twice and then reads, with Nagle's algorithm on: each round both sides sleep for
// 40 ms while data is under way. Several connections do so side by side.
func nagle() {
	c := newCounter()
	var wg sync.WaitGroup
	const pairs = 5
	for range pairs {
		a, b := tcpPair()
		must(unix.SetsockoptInt(a, unix.IPPROTO_TCP, unix.TCP_NODELAY, 0))
		must(unix.SetsockoptInt(b, unix.IPPROTO_TCP, unix.TCP_NODELAY, 0))
		n := rounds() / pairs
		wg.Go(func() { c.answers(b, n) })
		wg.Go(func() {
			runtime.LockOSThread()
			var one [1]byte
			for range n {
				for range 2 {
					_, err := unix.Write(a, one[:])
					must(err)
				}
				c.readable(a)
				_, err := unix.Read(a, one[:])
				must(err)
			}
		})
	}
	wg.Wait()
	c.print()
}

// answers writes a byte for each two that it has read.
func (*counter) answers(fd, n int) {
	runtime.LockOSThread()
	var two [2]byte
	for range n {
		for got := 0; got < len(two); {
			n, err := unix.Read(fd, two[got:])
			must(err)
			got += n
		}
		_, err := unix.Write(fd, two[:1])
		must(err)
	}
}

// forks starts processes, and waits for each with a timeout. Another thread sleeps meanwhile, and
// every other process is waited for without a timeout, as most programs do: then a wrong jump ends
// that sleep.
func forks() {
	c := newCounter()
	over := make(chan struct{})
	go func() {
		for {
			select {
			case <-time.After(patience):
				c.wrong.Add(1)
			case <-over:
				return
			}
		}
	}()
	for i := range rounds() {
		cmd := exec.Command("/bin/true")
		must(cmd.Start())
		if i%2 == 0 {
			handle, err := unix.PidfdOpen(cmd.Process.Pid, 0)
			must(err)
			c.readable(handle)
			must(unix.Close(handle))
		} else {
			c.good.Add(1)
		}
		must(cmd.Wait())
	}
	close(over)
	c.print()
}

// busy never sleeps, until its input ends.
func busy() {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Println("busy")
	for { //nolint:revive // it is to be busy
	}
}
