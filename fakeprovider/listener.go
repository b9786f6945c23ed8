package fakeprovider

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// Listen lays a provider's faults before HTTP, and TLS where config is not nil, over a listener: the connections that it gives are for
// the provider's Server. provider is asked at each connection, so that providers can take turns behind one address. Closing it
// closes inner.
func Listen(inner net.Listener, config *tls.Config, provider func() *Provider) net.Listener {
	l := &listener{Listener: inner, tls: config, provider: provider, accepted: make(chan net.Conn), done: make(chan struct{})}
	go l.acceptLoop()
	return l
}

type listener struct {
	net.Listener

	tls      *tls.Config
	provider func() *Provider
	accepted chan net.Conn
	done     chan struct{}
	stopOnce sync.Once
	err      error // why there are no more connections; to be read once done is closed
}

// pump accepts connections. One that meets a fault goes its own way, so that the next one need not wait.
func (l *listener) acceptLoop() {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			l.stop(err)
			return
		}
		p := l.provider()
		if !p.begin() {
			_ = conn.Close()
			continue
		}
		a := p.popDialed()
		if a == nil {
			a = p.assign(phaseAccept)
			if a != nil {
				a.record(timeline.ConnectionAccepted, "")
			}
		}
		proxied := p.proxied() && (a == nil || !Proxied(a.fault))
		if a == nil && !proxied {
			l.deliver(l.withTLS(conn, l.tls))
			p.open.Done()
			continue
		}
		go func() {
			defer p.open.Done()
			var err error
			if proxied {
				err = tunnel(p.ctx, conn)
			}
			switch {
			case a != nil:
				l.applyFaults(p, a, conn, err)
			case err != nil:
				_ = conn.Close() // the client may have closed it already
			default:
				l.deliver(l.withTLS(conn, l.tls))
			}
		}()
	}
}

// greet lets the faults of an assignment act, and passes on what they leave. failed is why the client never got to the provider.
func (l *listener) applyFaults(p *Provider, a *assignment, conn net.Conn, failed error) {
	assigned := &assignedConn{Conn: conn, assignment: a}
	if failed != nil {
		_ = assigned.Close() // the client may have closed it already
		return
	}
	c := &Connection{Conn: assigned, TLS: l.tls, p: p, a: a}
	var current net.Conn = assigned
	for _, part := range Parts(a.fault) {
		accepter, ok := part.(Accepter)
		if !ok {
			continue
		}
		a.record(timeline.FaultInjected, NameOf(part))
		c.Conn = current
		next, err := c.accept(p.ctx, accepter)
		if err != nil && p.ctx.Err() == nil {
			a.record(timeline.HarnessFailed, err.Error())
		}
		if next == nil {
			_ = current.Close() // most have closed it already
			return
		}
		current = next
	}
	if _, already := current.(*tls.Conn); !already {
		current = l.withTLS(current, c.TLS)
	}
	l.deliver(current)
}

// secure lays TLS over a connection, if there is any.
func (l *listener) withTLS(conn net.Conn, config *tls.Config) net.Conn {
	if config == nil {
		return conn
	}
	return tls.Server(conn, config)
}

// pass hands a connection to whoever accepts.
func (l *listener) deliver(conn net.Conn) {
	select {
	case l.accepted <- conn:
	case <-l.done:
		_ = conn.Close()
	}
}

// Accept waits for the next connection.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.accepted:
		return conn, nil
	case <-l.done:
		return nil, l.err
	}
}

// Close closes the inner listener.
func (l *listener) Close() error {
	l.stop(net.ErrClosed)
	return l.Listener.Close() //nolint:wrapcheck // the inner listener's own
}

func (l *listener) stop(err error) {
	l.stopOnce.Do(func() {
		l.err = err
		close(l.done)
	})
}

// An assignedConn is a connection whose first request is known before it arrives.
type assignedConn struct {
	net.Conn

	assignment *assignment
	mu         sync.Mutex
	taken      bool // the request has arrived, or never will
}

// NetConn is the connection below, which can be reset.
func (c *assignedConn) NetConn() net.Conn { return c.Conn }

// take is the assignment, once.
func (c *assignedConn) takeAssignment() *assignment {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.taken {
		return nil
	}
	c.taken = true
	return c.assignment
}

// Close ends an attempt whose request never came.
func (c *assignedConn) Close() error {
	if a := c.takeAssignment(); a != nil && a.provider.ctx.Err() == nil {
		a.record(timeline.ClientDisconnected, "")
	}
	return c.Conn.Close() //nolint:wrapcheck // the socket's own
}

// assignmentOf is what a request was assigned by the connection that it came on, if anything.
func assignmentOf(ctx context.Context, p *Provider) *assignment {
	conn, _ := ctx.Value(connKey{}).(net.Conn)
	for ; conn != nil; conn = Below(conn) {
		if c, ok := conn.(*assignedConn); ok {
			if c.assignment.provider != p {
				return nil
			}
			return c.takeAssignment()
		}
	}
	return nil
}

// A Connection is one that was accepted and on which nothing was read yet.
type Connection struct {
	// Conn is the connection, with the faults of the parts before laid over it.
	net.Conn

	// TLS is what the provider would speak on it, nil for none. A fault may put another one in its place.
	TLS *tls.Config

	p *Provider
	a *assignment
}

// NetConn is the connection below, which can be reset.
func (c *Connection) NetConn() net.Conn { return c.Conn }

// Wait lets scenario time pass; it ends early with ctx, whose cause it then returns.
func (c *Connection) Wait(ctx context.Context, d time.Duration) error { return c.p.wait(ctx, d) }

// Hold keeps the connection, reading what the client sends and answering nothing, until the client goes away or ctx ends.
func (c *Connection) Hold(ctx context.Context) {
	c.a.record(timeline.ConnectionHeld, "")
	release := c.Unblock(ctx)
	defer release()
	_, _ = io.Copy(io.Discard, c.Conn) // whatever ends it, there is nobody to hold it for any more
}

// unblock makes reads and writes fail once ctx ends, until it is released.
func (c *Connection) Unblock(ctx context.Context) (release func()) {
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Now()) })
	return func() { stop() }
}

// Record records something that happens to the connection, in the lane of its attempt.
func (c *Connection) Record(kind timeline.Kind, text string) { c.a.record(kind, text) }

// HoldUnread keeps the connection and reads nothing, until the client goes away or ctx ends.
func (c *Connection) HoldUnread(ctx context.Context) {
	c.a.record(timeline.ConnectionHeld, "")
	c.p.awaitAbandoned(ctx, c.Conn)
}

// ErrNoTLS says that a fault needs TLS, and the provider speaks none.
var ErrNoTLS = errors.New("fakeprovider: this fault needs TLS, and the provider speaks none")

// Handshake lays TLS over the connection and shakes hands; ErrNoTLS says that the provider speaks none.
func (c *Connection) Handshake(ctx context.Context) (*tls.Conn, error) {
	if c.TLS == nil {
		return nil, ErrNoTLS
	}
	secure := tls.Server(c.Conn, c.TLS)
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("fakeprovider: %w", err)
	}
	c.Conn = secure
	return secure, nil
}

// Reset closes the connection with RST.
func (c *Connection) Reset() {
	c.end(timeline.ConnectionReset)
	resetConn(c)
}

// Cut closes the connection in good order, as far as TCP goes.
func (c *Connection) Cut() {
	c.end(timeline.ConnectionCut)
	_ = c.Close() // the client may have closed it before
}

// end ends the attempt.
func (c *Connection) end(kind timeline.Kind) {
	for conn := net.Conn(c); conn != nil; conn = Below(conn) {
		if assigned, ok := conn.(*assignedConn); ok {
			if a := assigned.takeAssignment(); a != nil {
				a.record(kind, "")
			}
			return
		}
	}
}

// accept lets a fault act.
func (c *Connection) accept(ctx context.Context, fault Accepter) (net.Conn, error) {
	over := c.p.watch(Visit{Call: c.a.call, Attempt: c.a.attempt, Fault: c.a.fault})
	next, err := fault.Accept(ctx, c)
	over(timeline.ConnectionAccepted)
	return next, err //nolint:wrapcheck // it says which fault it is
}
