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
type abandonable interface{ Abandoned() <-chan struct{} }

// abandoned is closed when the peer of a connection in memory is closed; nil elsewhere.
func abandoned(conn net.Conn) <-chan struct{} {
	for ; conn != nil; conn = Below(conn) {
		if a, ok := conn.(abandonable); ok {
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
		leash := p.leashes.take(conn.RemoteAddr())
		defer p.leashes.forget(conn.RemoteAddr(), leash)
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
type leashes struct {
	mu   sync.Mutex
	held map[string]chan struct{}
}

func (l *leashes) take(addr net.Addr) chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == nil {
		l.held = map[string]chan struct{}{}
	}
	if l.held[addr.String()] == nil {
		l.held[addr.String()] = make(chan struct{})
	}
	return l.held[addr.String()]
}

func (l *leashes) forget(addr net.Addr, leash chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[addr.String()] == leash {
		delete(l.held, addr.String())
	}
}

// leash lets the provider know when a connection that a client dialed is closed by it.
func (p *Provider) leash(conn net.Conn) net.Conn {
	if abandoned(conn) != nil || !p.early() {
		return conn
	}
	return &leashedConn{Conn: conn, leashes: &p.leashes, leash: p.leashes.take(conn.LocalAddr())}
}

type leashedConn struct {
	net.Conn

	leashes *leashes
	leash   chan struct{}
	once    sync.Once
}

// NetConn is the connection below.
func (c *leashedConn) NetConn() net.Conn { return c.Conn }

// Close closes the connection and says so.
func (c *leashedConn) Close() error {
	c.once.Do(func() {
		close(c.leash)
		c.leashes.forget(c.LocalAddr(), c.leash)
	})
	return c.Conn.Close() //nolint:wrapcheck // the socket's own
}
