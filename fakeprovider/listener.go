package fakeprovider

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// Listen returns a listener for the provider's Server. It applies the faults that act before HTTP
// to the connections of inner, and then TLS if config is not nil. It calls provider for each
// connection, so that providers can take turns behind one address. Its Close closes inner.
func Listen(inner net.Listener, config *tls.Config, provider func() *Provider) net.Listener {
	l := &listener{
		Listener: inner, tls: config, provider: provider, accepted: make(chan net.Conn), done: make(chan struct{}),
	}
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

// acceptLoop accepts connections until inner fails for good. A connection with a fault gets a
// goroutine of its own, so that the next one need not wait.
func (l *listener) acceptLoop() {
	for tries := 0; ; {
		conn, err := l.Listener.Accept()
		if err != nil && passes(err) && l.rest(err, tries) {
			tries++
			continue
		}
		if err != nil {
			l.stop(err)
			return
		}
		tries = 0
		p := l.provider()
		if !p.begin() {
			_ = conn.Close()
			continue
		}
		a := p.popDialed()
		if a == nil {
			a = p.assign(phaseAccept, p.o.CallOf(nil, nil))
			if a != nil {
				a.record(timeline.ConnectionAccepted, "")
			}
		}
		proxied := p.proxied() && (a == nil || !Proxied(a.fault))
		if a == nil && !proxied {
			l.deliver(l.withTLS(conn, l.tls))
			p.end()
			continue
		}
		go func() {
			defer p.end()
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

// passes reports whether accepting may work again, as it does when descriptors have run out and
// come back.
func passes(err error) bool {
	known, ok := errors.AsType[net.Error](err)
	return ok && known.Temporary() //nolint:staticcheck // net/http asks the same, and nothing took its place
}

// rest waits before accepting is tried again, 5 ms and twice as long each time, up to a second, as
// net/http does. The first time it records that the harness is what failed. It returns false if the
// listener is closed.
func (l *listener) rest(err error, tries int) bool {
	const first, longest, doublings = 5 * time.Millisecond, time.Second, 8
	if tries == 0 {
		l.provider().o.Recorder.Record(timeline.WorldLane, timeline.HarnessFailed,
			"no connection can be taken: "+err.Error())
	}
	timer := time.NewTimer(min(longest, first<<min(tries, doublings)))
	defer timer.Stop()
	select {
	case <-l.done:
		return false
	case <-timer.C:
		return true
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
