//go:build linux && (amd64 || arm64)

package proctime

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A Canary is two threads of a tree that exchange bytes over a pipe and over loopback TCP. It
// detects a clock that jumps while data is in flight. It plays a round on request, and by itself
// after pauses that begin at a second and grow by a sixteenth each, some hundred rounds an hour.
type Canary struct {
	mu   sync.Mutex
	song Song
	// ends holds ends of connections, whose other ends echo what they read.
	ends []end
	stop chan struct{}
	wg   sync.WaitGroup
}

// An end is one end of a connection.
type end struct{ in, out *os.File }

func (e end) close() { _, _ = e.in.Close(), e.out.Close() }

// The pauses between rounds, and how many answers a round asks for over each connection.
const (
	firstPause    = time.Second
	pauseGrowth   = 16
	canaryAnswers = 4
	// canaryTries is how often a canary waits for the same answer.
	canaryTries = 3
)

// StartCanary starts a canary in this process. It does nothing outside of a tree.
func StartCanary() *Canary {
	c := &Canary{stop: make(chan struct{})}
	if !Inside() {
		return c
	}
	for _, connect := range []func() (mine, other end, err error){overPipes, overTCP} {
		if mine, other, err := connect(); err == nil {
			c.ends = append(c.ends, mine)
			c.wg.Go(other.echo)
		}
	}
	c.wg.Go(c.play)
	return c
}

// play plays until the canary is stopped.
func (c *Canary) play() {
	pause := firstPause
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-c.stop:
			return
		}
		c.Play()
		pause += pause / pauseGrowth
		timer.Reset(pause)
	}
}

// Play plays a round now. It may be called from any goroutine.
func (c *Canary) Play() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.ends) == 0 {
		return
	}
	before, _ := Count()
	for _, e := range c.ends {
		for range canaryAnswers {
			if !e.answers() {
				c.song.Timeouts++
			}
		}
	}
	after, _ := Count()
	c.song.Rounds++
	if after.Leapt-before.Leapt > CanaryLeap {
		c.song.Leaps++
	}
}

// Stop ends the canary, and returns what it saw.
func (c *Canary) Stop() Song {
	close(c.stop)
	c.mu.Lock()
	for _, e := range c.ends {
		e.close() // the other thread reads the end of file
	}
	c.ends = nil
	c.mu.Unlock()
	c.wg.Wait()
	return c.song
}

// answers sends a byte and waits for its answer. It returns false if that took too long. It then
// still reads the answer, so that the next round does not read it.
func (e end) answers() bool {
	one := []byte{1}
	if _, err := unix.Write(int(e.out.Fd()), one); err != nil {
		return true // a connection that broke says nothing about the clock
	}
	in := []unix.PollFd{{Fd: int32(e.in.Fd()), Events: unix.POLLIN}}
	for tries := 0; tries < canaryTries; {
		n, err := unix.Poll(in, int(CanaryPatience/time.Millisecond))
		switch {
		case err == unix.EINTR:
		case err == nil && n == 0:
			tries++
		default:
			_, _ = unix.Read(int(e.in.Fd()), one)
			return tries == 0
		}
	}
	return false
}

// echo sends back what it reads, until the end of file.
func (e end) echo() {
	defer e.close()
	one := make([]byte, 1)
	for {
		n, err := unix.Read(int(e.in.Fd()), one)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			return
		}
		_, _ = unix.Write(int(e.out.Fd()), one)
	}
}

func overPipes() (mine, other end, err error) {
	if other.in, mine.out, err = os.Pipe(); err != nil {
		return mine, other, err
	}
	if mine.in, other.out, err = os.Pipe(); err != nil {
		_, _ = other.in.Close(), mine.out.Close()
	}
	return mine, other, err
}

// overTCP connects both ends over loopback. Their descriptors block, as those of other programs do.
func overTCP() (mine, other end, err error) {
	ctx := context.Background() // loopback does not wait
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return mine, other, err
	}
	defer l.Close()
	dialed, err := new(net.Dialer).DialContext(ctx, "tcp", l.Addr().String())
	if err != nil {
		return mine, other, err
	}
	defer dialed.Close() // its duplicate is used
	accepted, err := l.Accept()
	if err != nil {
		return mine, other, err
	}
	defer accepted.Close() // likewise
	if mine.in, err = fileOf(dialed); err != nil {
		return mine, other, err
	}
	if other.in, err = fileOf(accepted); err != nil {
		_ = mine.in.Close()
		return mine, other, err
	}
	mine.out, other.out = mine.in, other.in
	return mine, other, nil
}

// fileOf returns a duplicate of a connection.
func fileOf(c net.Conn) (*os.File, error) {
	f, ok := c.(interface{ File() (*os.File, error) })
	if !ok {
		return nil, errors.ErrUnsupported
	}
	return f.File()
}
