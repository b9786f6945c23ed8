package fakeprovider

import (
	"context"
	"net"
	"sync"
	"syscall"
)

// below is the connection that another one was laid over, nil where there is none.
func Below(conn net.Conn) net.Conn {
	if over, ok := conn.(interface{ NetConn() net.Conn }); ok {
		return over.NetConn()
	}
	return nil
}

// An abandonable connection knows when its peer was closed, whether or not that can arrive.
type abandonNotifier interface{ Abandoned() <-chan struct{} }

// abandoned is closed when the peer of a connection in memory is closed; nil elsewhere.
func abandoned(conn net.Conn) <-chan struct{} {
	for ; conn != nil; conn = Below(conn) {
		if a, ok := conn.(abandonNotifier); ok {
			return a.Abandoned()
		}
	}
	return nil
}

// awaitAbandoned returns when the client of a connection that nobody reads has closed it, or with ctx. In memory the network knows.
// Over TCP the kernel does once the client's FIN or RST has arrived, but where the client has filled the buffers its FIN waits
// behind what it had written; there only its own end knows, where that was dialed through Provider.Dial.
func (p *Provider) awaitAbandoned(ctx context.Context, conn net.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	gone := abandoned(conn)
	if gone == nil {
		leash := p.clients.closing(conn.RemoteAddr())
		defer p.clients.remove(conn.RemoteAddr(), leash)
		gone = leash
		for socket := conn; socket != nil; socket = Below(socket) {
			if s, ok := socket.(syscall.Conn); ok {
				hungUp := make(chan struct{})
				go func() {
					defer close(hungUp)
					awaitHangup(ctx, s, socket)
					cancel()
				}()
				defer func() { //nolint:revive,gocritic // the loop ends below, at its break
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

// leashes tell the two ends of a TCP connection inside one process of each other, by the address of the client's end.
type clientConns struct {
	mu     sync.Mutex
	closed map[string]chan struct{}
}

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

func (l *clientConns) remove(addr net.Addr, leash chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed[addr.String()] == leash {
		delete(l.closed, addr.String())
	}
}

// leash lets the provider know when a connection that a client dialed is closed by it.
func (p *Provider) trackClient(conn net.Conn) net.Conn {
	if abandoned(conn) != nil || !p.actsBeforeRequest() {
		return conn
	}
	return &trackedConn{Conn: conn, clients: &p.clients, closing: p.clients.closing(conn.LocalAddr())}
}

type trackedConn struct {
	net.Conn

	clients *clientConns
	closing chan struct{}
	once    sync.Once
}

// NetConn is the connection below.
func (c *trackedConn) NetConn() net.Conn { return c.Conn }

// Close closes the connection and says so.
func (c *trackedConn) Close() error {
	c.once.Do(func() {
		close(c.closing)
		c.clients.remove(c.LocalAddr(), c.closing)
	})
	return c.Conn.Close() //nolint:wrapcheck // the socket's own
}
