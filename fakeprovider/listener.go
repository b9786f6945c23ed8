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

// Listen returns a listener for the provider's Server. It applies the faults that act before HTTP
// to the connections of inner, and then TLS if config is not nil. It calls provider for each
// connection, so that providers can take turns behind one address. Its Close closes inner.
func Listen(inner net.Listener, config *tls.Config, provider func() *Provider) net.Listener {
	l := &listener{Listener: inner, tls: config, provider: provider, accepted: make(chan net.Conn), done: make(chan struct{})}
	go l.acceptLoop()
	return l
}

// listener is the net.Listener that Listen returns.
type listener struct {
	net.Listener

	tls      *tls.Config
	provider func() *Provider
	accepted chan net.Conn
	done     chan struct{}
	stopOnce sync.Once
	err      error // why there are no more connections; valid once done is closed
}

// acceptLoop accepts connections until inner fails. A connection with a fault gets a goroutine of
// its own, so that the next one need not wait.
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

// applyFaults runs the faults of an assignment on a connection, and delivers the connection that
// they return. failed is the reason why the client never got past the proxy, or nil.
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

// withTLS returns the connection with TLS on it, or unchanged if config is nil.
func (l *listener) withTLS(conn net.Conn, config *tls.Config) net.Conn {
	if config == nil {
		return conn
	}
	return tls.Server(conn, config)
}

// deliver passes a connection to Accept.
func (l *listener) deliver(conn net.Conn) {
	select {
	case l.accepted <- conn:
	case <-l.done:
		_ = conn.Close()
	}
}

// Accept returns the next connection.
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

// stop makes Accept return err from now on. Only the first call counts.
func (l *listener) stop(err error) {
	l.stopOnce.Do(func() {
		l.err = err
		close(l.done)
	})
}

// An assignedConn is a connection whose first request has an assignment before it arrives.
type assignedConn struct {
	net.Conn

	assignment *assignment
	mu         sync.Mutex
	taken      bool // its request has arrived, or never will
}

// NetConn returns the connection below.
func (c *assignedConn) NetConn() net.Conn { return c.Conn }

// takeAssignment returns the assignment on its first call, then nil.
func (c *assignedConn) takeAssignment() *assignment {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.taken {
		return nil
	}
	c.taken = true
	return c.assignment
}

// Close closes the connection. It ends an attempt whose request never came.
func (c *assignedConn) Close() error {
	if a := c.takeAssignment(); a != nil && a.provider.ctx.Err() == nil {
		a.record(timeline.ClientDisconnected, "")
	}
	return c.Conn.Close() //nolint:wrapcheck // the socket's own
}

// assignmentOf returns the assignment of the connection that a request came on, or nil.
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

// A Connection is an accepted connection from which nothing has been read.
type Connection struct {
	// Conn is the connection, with earlier faults applied to it.
	net.Conn

	// TLS is the configuration that the provider uses on the connection, nil for plain HTTP. A
	// fault may replace it.
	TLS *tls.Config

	p *Provider
	a *assignment
}

// NetConn returns the connection below.
func (c *Connection) NetConn() net.Conn { return c.Conn }

// Wait lets scenario time pass. It returns the cause of ctx if that ends first, and
// ErrProviderClosed if the provider closes.
func (c *Connection) Wait(ctx context.Context, d time.Duration) error { return c.p.wait(ctx, d) }

// Hold keeps the connection open until the client goes away or ctx ends. It reads what the client
// sends and answers nothing.
func (c *Connection) Hold(ctx context.Context) {
	c.a.record(timeline.ConnectionHeld, "")
	release := c.Unblock(ctx)
	defer release()
	_, _ = io.Copy(io.Discard, c.Conn) // any error means that the connection is over
}

// Unblock makes reads and writes fail once ctx ends, until release is called.
func (c *Connection) Unblock(ctx context.Context) (release func()) {
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Now()) })
	return func() { stop() }
}

// Record records an event in the lane of the connection's attempt.
func (c *Connection) Record(kind timeline.Kind, text string) { c.a.record(kind, text) }

// HoldUnread keeps the connection open until the client goes away or ctx ends. It reads nothing.
func (c *Connection) HoldUnread(ctx context.Context) {
	c.a.record(timeline.ConnectionHeld, "")
	c.p.awaitAbandoned(ctx, c.Conn)
}

// ErrNoTLS reports that a fault needs TLS and the provider uses none.
var ErrNoTLS = errors.New("fakeprovider: this fault needs TLS, and the provider speaks none")

// Handshake performs the TLS handshake and returns the connection with TLS on it. It returns
// ErrNoTLS if the provider uses none.
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

// Reset closes the connection with RST, and ends the attempt.
func (c *Connection) Reset() {
	c.end(timeline.ConnectionReset)
	resetConn(c)
}

// Cut closes the connection in good order, as TCP sees it, and ends the attempt.
func (c *Connection) Cut() {
	c.end(timeline.ConnectionCut)
	_ = c.Close() // the client may have closed it before
}

// end records the end of the attempt.
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

// accept runs one fault and reports the visit to the watcher.
func (c *Connection) accept(ctx context.Context, fault Accepter) (net.Conn, error) {
	over := c.p.watch(Visit{Call: c.a.call, Attempt: c.a.attempt, Fault: c.a.fault})
	next, err := fault.Accept(ctx, c)
	over(timeline.ConnectionAccepted)
	return next, err //nolint:wrapcheck // it says which fault it is
}
