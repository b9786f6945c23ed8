package memnet

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// A Conn is one end of a connection. It is safe for concurrent use.
type Conn struct {
	in, out       *pipe
	local, remote Addr
	activity      *atomic.Uint64
	onClose       func()

	mu     sync.Mutex
	closed bool
	linger int // as *net.TCPConn: 0 makes Close reset the connection
}

var _ net.Conn = (*Conn)(nil)

// Addr is the address of one end.
type Addr string

var _ net.Addr = Addr("")

// Network is "memory".
func (Addr) Network() string { return "memory" }

// String is host and port.
func (a Addr) String() string { return string(a) }

// Pipe returns the two ends of a connection that belongs to no Network.
func Pipe() (*Conn, *Conn) { return connect("a:1", "b:1", new(atomic.Uint64)) }

func connect(a, b Addr, activity *atomic.Uint64) (*Conn, *Conn) {
	there, back := newPipe(), newPipe()
	return &Conn{in: back, out: there, local: a, remote: b, activity: activity, linger: -1},
		&Conn{in: there, out: back, local: b, remote: a, activity: activity, linger: -1}
}

// opError dresses an error like a socket's, so that callers find the same types.
func (c *Conn) opError(op string, err error) error {
	if errors.Is(err, io.ErrClosedPipe) {
		err = net.ErrClosed
	}
	var number interface{ Temporary() bool } // syscall.Errno on every platform
	if errors.As(err, &number) && !errors.Is(err, os.ErrDeadlineExceeded) {
		err = os.NewSyscallError(op, err)
	}
	return &net.OpError{Op: op, Net: "memory", Source: c.local, Addr: c.remote, Err: err}
}

// Read reads what the peer wrote. It gives io.EOF after the peer's close, an error that is ECONNRESET after its
// reset, os.ErrDeadlineExceeded after the deadline and net.ErrClosed after an own Close.
func (c *Conn) Read(b []byte) (int, error) {
	c.activity.Add(1)
	n, err := c.in.readBytes(b)
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, io.EOF):
		return n, io.EOF
	}
	return n, c.opError("read", err)
}

// Write writes into the buffer, and blocks while it is full. After the peer's close it gives an error that is EPIPE,
// after its reset one that is ECONNRESET.
func (c *Conn) Write(b []byte) (int, error) {
	c.activity.Add(1)
	n, err := c.out.writeBytes(b)
	if err != nil {
		return n, c.opError("write", err)
	}
	return n, nil
}

// Close closes both directions. The peer reads what was written and then io.EOF, also where data that it had sent
// was never read: TCP would reset then, but a peer that has yet to read loses nothing here, so that what a client
// reads does not hang on what a server had left unread. With SetLinger(0) Close resets the connection.
func (c *Conn) Close() error {
	c.activity.Add(1)
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return c.opError("close", net.ErrClosed)
	}
	c.closed = true
	reset := c.linger == 0
	c.mu.Unlock()
	if reset {
		c.in.reset()
		c.out.reset()
	}
	c.out.change(func() { c.out.closed = true; c.out.write.stop() })
	c.in.change(func() { c.in.gone = true; c.in.buf = nil; c.in.read.stop() })
	if c.onClose != nil {
		c.onClose()
	}
	return nil
}

// CloseWrite closes the direction to the peer, which then reads io.EOF and can still write.
func (c *Conn) CloseWrite() error {
	c.activity.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.opError("close", net.ErrClosed)
	}
	c.out.change(func() { c.out.closed = true })
	return nil
}

// SetLinger is *net.TCPConn's: with 0, Close resets the connection and drops what is on its way.
func (c *Conn) SetLinger(seconds int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.opError("set", net.ErrClosed)
	}
	c.linger = seconds
	return nil
}

// Stall keeps what is written at either end from being delivered, as when the network between them is gone:
// nobody gets an error, closes do not arrive, resets do not either.
func (c *Conn) Stall() { c.setStalled(true) }

// Resume delivers what Stall held back.
func (c *Conn) Resume() { c.setStalled(false) }

func (c *Conn) setStalled(stalled bool) {
	for _, p := range []*pipe{c.in, c.out} {
		p.change(func() { p.stalled = stalled })
	}
}

// LocalAddr is this end's address.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr is the peer's address.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline sets both deadlines; the zero time is none.
func (c *Conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline makes reads fail from t on.
func (c *Conn) SetReadDeadline(t time.Time) error {
	return c.setDeadline(c.in, &c.in.read, t)
}

// SetWriteDeadline makes writes fail from t on.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	return c.setDeadline(c.out, &c.out.write, t)
}

func (c *Conn) setDeadline(p *pipe, d *deadline, t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.opError("set", net.ErrClosed)
	}
	p.change(func() { d.set(p, t) })
	return nil
}
