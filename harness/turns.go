package harness

import (
	"net"
	"sync"
)

// A turns lets several servers serve one address, one after the other. It passes each connection
// to the current one. Connections that arrive between two of them wait. It is safe for concurrent
// use.
type turns struct {
	inner net.Listener
	done  chan struct{} // closed by Close
	over  chan struct{} // closed when the loop has ended

	mu      sync.Mutex
	current *turn
	changed chan struct{} // closed and replaced when current changes
	closed  bool
}

// newTurns accepts the connections of inner until Close.
func newTurns(inner net.Listener) *turns {
	t := &turns{inner: inner, done: make(chan struct{}), over: make(chan struct{}), changed: make(chan struct{})}
	go t.loop()
	return t
}

// loop passes on the connections.
func (t *turns) loop() {
	defer close(t.over)
	for {
		conn, err := t.inner.Accept()
		if err != nil {
			return
		}
		if !t.pass(conn) {
			_ = conn.Close() // nobody serves it
			return
		}
	}
}

// pass gives a connection to the current turn, or to the next one. It returns false after Close.
func (t *turns) pass(conn net.Conn) bool {
	for {
		t.mu.Lock()
		current, changed := t.current, t.changed
		t.mu.Unlock()
		var to chan net.Conn
		if current != nil {
			to = current.conns
		}
		select {
		case to <- conn:
			return true
		case <-changed:
		case <-t.done:
			return false
		}
	}
}

// next returns the listener of the next server. Close the one before it first.
func (t *turns) next() net.Listener {
	l := &turn{turns: t, conns: make(chan net.Conn), done: make(chan struct{})}
	t.set(l)
	return l
}

// set makes l the current turn.
func (t *turns) set(l *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.current = l
	close(t.changed)
	t.changed = make(chan struct{})
}

// Close closes the address and waits for the loop.
func (t *turns) Close() {
	t.mu.Lock()
	already := t.closed
	t.closed = true
	t.mu.Unlock()
	if !already {
		close(t.done)
		_ = t.inner.Close() // it is closed anyway
	}
	<-t.over
}

// A turn is the listener of one server.
type turn struct {
	turns *turns
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

var _ net.Listener = (*turn)(nil)

// Accept returns the next connection, or net.ErrClosed.
func (l *turn) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.done:
	case <-l.turns.done:
	}
	return nil, net.ErrClosed
}

// Close ends the turn. The address stays open for the next one.
func (l *turn) Close() error {
	l.once.Do(func() {
		close(l.done)
		l.turns.set(nil)
	})
	return nil
}

// Addr returns the address.
func (l *turn) Addr() net.Addr { return l.turns.inner.Addr() }
