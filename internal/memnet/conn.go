package memnet

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A Conn is one end of a connection. It is safe for concurrent use.
type Conn struct {
	in, out       *pipe
	local, remote Addr
	activity      *atomic.Uint64
	guard         func() error
	onClose       func()
	gone          chan struct{}   // closed by Close
	abandoned     <-chan struct{} // the peer's gone

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
func Pipe() (*Conn, *Conn) {
	return connect("a:1", "b:1", new(atomic.Uint64), func() error { return nil })
}

func connect(a, b Addr, activity *atomic.Uint64, guard func() error) (*Conn, *Conn) {
	there, back := newPipe(), newPipe()
	one, other := make(chan struct{}), make(chan struct{})
	return &Conn{
			in: back, out: there, local: a, remote: b, activity: activity, guard: guard, linger: -1, gone: one,
			abandoned: other,
		},
		&Conn{
			in: there, out: back, local: b, remote: a, activity: activity, guard: guard, linger: -1, gone: other,
			abandoned: one,
		}
}

// opError dresses an error like a socket's, so that callers find the same types.
func (c *Conn) opError(op string, err error) error {
	if number, ok := errors.AsType[syscall.Errno](err); ok {
		err = os.NewSyscallError(op, number)
	}
	return &net.OpError{Op: op, Net: "memory", Source: c.local, Addr: c.remote, Err: err}
}

// Read reads what the peer wrote. After that it gives io.EOF for the peer's close and an error that
// is ECONNRESET for its reset; os.ErrDeadlineExceeded from the deadline on, and net.ErrClosed after
// Close.
func (c *Conn) Read(b []byte) (int, error) {
	if err := c.guard(); err != nil {
		return 0, c.opError("read", err)
	}
	n, err := c.in.readBytes(b)
	switch {
	case err == nil:
		c.progress()
		return n, nil
	case errors.Is(err, io.EOF):
		return n, io.EOF
	case errors.Is(err, io.ErrClosedPipe):
		err = net.ErrClosed
	}
	return n, c.opError("read", err)
}

// Write writes into the buffer, and blocks while it is full. It returns EPIPE after the peer's
// Close or this end's CloseWrite, and ECONNRESET after the peer's reset.
func (c *Conn) Write(b []byte) (int, error) {
	if err := c.guard(); err != nil {
		return 0, c.opError("write", err)
	}
	n, err := c.out.writeBytes(b)
	if n > 0 {
		c.progress()
	}
	if err == nil {
		return n, nil
	}
	if errors.Is(err, io.ErrClosedPipe) {
		err = syscall.EPIPE
		if c.isClosed() {
			err = net.ErrClosed
		}
	}
	return n, c.opError("write", err)
}

// progress counts operations that moved data. Failed operations do not count, so that repeating one
// is no progress.
func (c *Conn) progress() { c.activity.Add(1) }

func (c *Conn) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// Close closes both directions. The peer reads the data that was written and then io.EOF, even if
// data that it sent was never read. TCP would reset the connection then; here a client's reads do
// not depend on what a server left unread. With SetLinger(0) Close resets the connection, as Linux
// does: the peer's writes fail at once with ECONNRESET, and its reads after the data that had
// arrived.
func (c *Conn) Close() error {
	if err := c.guard(); err != nil {
		return c.opError("close", err)
	}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return c.opError("close", net.ErrClosed)
	}
	c.closed = true
	reset := c.linger == 0
	c.mu.Unlock()
	c.progress()
	c.out.closeWriter(reset)
	c.in.closeReader(reset)
	close(c.gone)
	if c.onClose != nil {
		c.onClose()
	}
	return nil
}

// Abandoned returns a channel that is closed at the instant at which the peer closes or resets,
// even if this end never reads or the connection is stalled. Real sockets cannot know this; it is
// for the code that simulates the network.
func (c *Conn) Abandoned() <-chan struct{} { return c.abandoned }

// abort resets the connection, unless it is closed already.
func (c *Conn) abort() {
	_ = c.SetLinger(0)
	_ = c.Close()
}

// CloseWrite closes the direction to the peer, which then reads io.EOF and can still write.
func (c *Conn) CloseWrite() error {
	if err := c.guard(); err != nil {
		return c.opError("close", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.opError("close", net.ErrClosed)
	}
	c.progress()
	c.out.closeWriter(false)
	return nil
}

// SetLinger is *net.TCPConn's: with 0, Close resets the connection and drops what has yet to
// arrive.
func (c *Conn) SetLinger(seconds int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.opError("set", net.ErrClosed)
	}
	c.linger = seconds
	return nil
}

// Stall keeps back whatever either end does from now on, as when the network between them is gone:
// writes are accepted until the buffer is full, and neither bytes nor closes nor resets arrive.
// What had arrived before can be read.
func (c *Conn) Stall() {
	c.in.stall()
	c.out.stall()
}

// Resume delivers what Stall kept back, in order.
func (c *Conn) Resume() {
	c.in.resume()
	c.out.resume()
}

// LocalAddr is this end's address.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr is the peer's address.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline sets both deadlines; the zero time removes them.
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
	if err := c.guard(); err != nil {
		return c.opError("set", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.opError("set", net.ErrClosed)
	}
	p.change(func() { d.set(p, t) })
	return nil
}
