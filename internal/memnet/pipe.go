package memnet

import (
	"io"
	"os"
	"sync"
	"syscall"
	"time"
)

// bufferSize is how many bytes one direction holds before its writer blocks: a usual socket buffer.
const bufferSize = 64 << 10

// A pipe carries bytes in one direction. All fields are guarded by mu.
type pipe struct {
	mu   sync.Mutex
	wake sync.Cond // broadcast on every change

	buf     []byte // bytes on their way, oldest first
	stalled bool   // bytes are accepted and not delivered
	closed  bool   // the writer is done: the reader gets what is left, then io.EOF
	err     error  // the pipe is broken for both sides: a reset
	gone    bool   // the reader is done: the writer gets EPIPE
	read    deadline
	write   deadline
}

func newPipe() *pipe {
	p := &pipe{}
	p.wake.L = &p.mu
	return p
}

// A deadline wakes a pipe when it passes. Its fields are guarded by the pipe's lock.
type deadline struct {
	at    time.Time
	timer *time.Timer
}

// set replaces the deadline; the zero time is none. The pipe's lock is held.
func (d *deadline) set(p *pipe, t time.Time) {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.at = t
	if wait := time.Until(t); !t.IsZero() && wait > 0 {
		d.timer = time.AfterFunc(wait, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.wake.Broadcast()
		})
	}
	p.wake.Broadcast()
}

func (d *deadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

func (p *pipe) readBytes(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		switch {
		case p.gone:
			return 0, io.ErrClosedPipe // the Conn says net.ErrClosed
		case p.err != nil && !p.stalled:
			return 0, p.err
		case p.read.passed():
			return 0, os.ErrDeadlineExceeded
		case len(b) == 0:
			return 0, nil
		case len(p.buf) > 0 && !p.stalled:
			n := copy(b, p.buf)
			p.buf = p.buf[n:]
			if len(p.buf) == 0 {
				p.buf = nil
			}
			p.wake.Broadcast()
			return n, nil
		case p.closed && !p.stalled:
			return 0, io.EOF
		}
		p.wake.Wait()
	}
}

func (p *pipe) writeBytes(b []byte) (n int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		switch {
		case p.closed:
			return n, io.ErrClosedPipe // the Conn says net.ErrClosed
		case p.err != nil && !p.stalled:
			return n, p.err
		case p.gone:
			return n, syscall.EPIPE
		case p.write.passed():
			return n, os.ErrDeadlineExceeded
		case len(b) == 0:
			return n, nil
		}
		if room := bufferSize - len(p.buf); room > 0 {
			take := min(room, len(b))
			p.buf = append(p.buf, b[:take]...)
			b = b[take:]
			n += take
			p.wake.Broadcast()
			continue
		}
		p.wake.Wait()
	}
}

// change applies f under the lock and wakes everybody.
func (p *pipe) change(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
	p.wake.Broadcast()
}

// reset breaks the pipe for both sides; bytes on their way are lost, as with a RST.
func (p *pipe) reset() {
	p.change(func() {
		p.buf = nil
		if p.err == nil {
			p.err = syscall.ECONNRESET
		}
	})
}

// stop ends the timers of a side that will not read or write any more.
func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}
