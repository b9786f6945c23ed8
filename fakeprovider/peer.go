package fakeprovider

import (
	"context"
	"net"
	"sync"
	"syscall"
)

// Below returns the connection that conn wraps, or nil.
func Below(conn net.Conn) net.Conn {
	if over, ok := conn.(interface{ NetConn() net.Conn }); ok {
		return over.NetConn()
	}
	return nil
}

// An abandonNotifier is a connection that knows when its peer was closed, even if no byte can
// tell.
type abandonNotifier interface{ Abandoned() <-chan struct{} }

// abandoned returns a channel that is closed when the peer of an in-memory connection is closed;
// nil for other connections.
func abandoned(conn net.Conn) <-chan struct{} {
	for ; conn != nil; conn = Below(conn) {
		if a, ok := conn.(abandonNotifier); ok {
			return a.Abandoned()
		}
	}
	return nil
}

// awaitAbandoned returns when the client has closed a connection that nobody reads, or when ctx
// ends.
//
// In memory the network knows. Over TCP the kernel knows once the client's FIN or RST has
// arrived. If the client has filled the buffers, its FIN waits behind what it wrote: then only
// the client's own end knows, if it was dialed through Provider.Dial.
func (p *Provider) awaitAbandoned(ctx context.Context, conn net.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	gone := abandoned(conn)
	if gone == nil {
		closed := p.clients.closing(conn.RemoteAddr())
		defer p.clients.remove(conn.RemoteAddr(), closed)
		gone = closed
		for socket := conn; socket != nil; socket = Below(socket) {
			if s, ok := socket.(syscall.Conn); ok {
				hungUp := make(chan struct{})
				go func() {
					defer close(hungUp)
					awaitHangup(ctx, s, socket)
					cancel()
				}()
				defer func() { //nolint:revive,gocritic // the loop ends at the break below
					cancel()
					<-hungUp
				}()
				break
			}
		}
	}
	select {
	case <-gone:
	case <-ctx.Done():
	}
}

// clientConns connects the two ends of TCP connections inside one process, by the address of the
// client's end. It is safe for concurrent use.
type clientConns struct {
	mu     sync.Mutex
	closed map[string]chan struct{}
}

// closing returns the channel that is closed when the client at addr closes its end.
func (l *clientConns) closing(addr net.Addr) chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed == nil {
		l.closed = map[string]chan struct{}{}
	}
	if l.closed[addr.String()] == nil {
		l.closed[addr.String()] = make(chan struct{})
	}
	return l.closed[addr.String()]
}

// remove removes a connection, unless the address has been used again since.
func (l *clientConns) remove(addr net.Addr, closed chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed[addr.String()] == closed {
		delete(l.closed, addr.String())
	}
}

// trackClient returns a connection that tells the provider when the client closes it.
func (p *Provider) trackClient(conn net.Conn) net.Conn {
	if abandoned(conn) != nil || !p.actsBeforeRequest() {
		return conn
	}
	return &trackedConn{Conn: conn, clients: &p.clients, closing: p.clients.closing(conn.LocalAddr())}
}

// trackedConn is the client's end of a tracked connection.
type trackedConn struct {
	net.Conn

	clients *clientConns
	closing chan struct{}
	once    sync.Once
}

// NetConn returns the connection below.
func (c *trackedConn) NetConn() net.Conn { return c.Conn }

// Close closes the connection and tells the provider.
func (c *trackedConn) Close() error {
	c.once.Do(func() {
		close(c.closing)
		c.clients.remove(c.LocalAddr(), c.closing)
	})
	return c.Conn.Close() //nolint:wrapcheck // the socket's own
}
