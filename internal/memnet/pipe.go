package memnet

import (
	"bytes"
	"io"
	"os"
	"sync"
	"syscall"
	"time"
)

// bufferSize is how many bytes one direction holds before its writer blocks: a usual socket buffer.
const bufferSize = 64 << 10

// A pipe carries bytes in one direction. One side's actions reach the other at once or, in a stall,
// later; they take effect on the side itself at once. All fields are guarded by mu.
type pipe struct {
	mu   sync.Mutex
	wake sync.Cond // broadcast on every change

	closed bool // the writer is done
	gone   bool // the reader is done

	buf     bytes.Buffer // arrived and not yet read
	eof     bool         // arrived: there is no more to read
	refused bool         // arrived: the reader is gone
	broken  error        // arrived: a reset by the other side

	stalled bool
	late    []func() // what has yet to arrive, oldest first
	held    int      // bytes among late

	read, write deadline
}

func newPipe() *pipe {
	p := &pipe{}
	p.wake.L = &p.mu
	return p
}

// readBytes gives everything that arrived before an end or a reset first, as the kernel does.
func (p *pipe) readBytes(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		switch {
		case p.gone:
			return 0, io.ErrClosedPipe // the Conn knows why
		case len(b) == 0:
			return 0, nil
		case p.read.passed():
			return 0, os.ErrDeadlineExceeded
		case p.buf.Len() > 0:
			n, _ := p.buf.Read(b) // io.EOF is for an empty buffer
			p.wake.Broadcast()
			return n, nil
		case p.broken != nil:
			return 0, p.broken
		case p.eof:
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
			return n, io.ErrClosedPipe // the Conn knows why
		case len(b) == 0:
			return n, nil
		case p.write.passed():
			return n, os.ErrDeadlineExceeded
		case p.broken != nil:
			return n, p.broken
		case p.refused:
			return n, syscall.EPIPE
		}
		if room := bufferSize - p.buf.Len() - p.held; room > 0 {
			take := min(room, len(b))
			p.send(b[:take])
			b = b[take:]
			n += take
			p.wake.Broadcast()
			continue
		}
		p.wake.Wait()
	}
}

// send puts bytes on their way. The lock is held.
func (p *pipe) send(b []byte) {
	if !p.stalled {
		p.buf.Write(b)
		return
	}
	b = bytes.Clone(b)
	p.held += len(b)
	p.late = append(p.late, func() {
		p.held -= len(b)
		if !p.gone {
			p.buf.Write(b)
		}
	})
}

// arrive lets f happen to the other side: now, or after the stall. The lock is held.
func (p *pipe) arrive(f func()) {
	if p.stalled {
		p.late = append(p.late, f)
		return
	}
	f()
}

// change applies f under the lock and wakes everybody.
func (p *pipe) change(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
	p.wake.Broadcast()
}

// closeWriter ends the writer's side. With a reset, what has not arrived never will.
func (p *pipe) closeWriter(reset bool) {
	p.change(func() {
		p.closed = true
		p.write.set(p, time.Time{})
		if reset {
			p.late, p.held = nil, 0
		}
		p.arrive(func() {
			p.eof = true
			if reset {
				p.broken = syscall.ECONNRESET
			}
		})
	})
}

// closeReader ends the reader's side.
func (p *pipe) closeReader(reset bool) {
	p.change(func() {
		p.gone = true
		p.read.set(p, time.Time{})
		p.buf = bytes.Buffer{}
		p.arrive(func() {
			p.refused = true
			if reset {
				p.broken = syscall.ECONNRESET
			}
		})
	})
}

func (p *pipe) stall() { p.change(func() { p.stalled = true }) }

func (p *pipe) resume() {
	p.change(func() {
		p.stalled = false
		for _, f := range p.late {
			f()
		}
		p.late = nil
	})
}
