package fakeprovider

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

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

// HoldUnread keeps the connection open until the client goes away or ctx ends. It reads nothing.
func (c *Connection) HoldUnread(ctx context.Context) {
	c.a.record(timeline.ConnectionHeld, "")
	c.p.awaitAbandoned(ctx, c.Conn)
}

// Unblock makes reads and writes fail once ctx ends, until release is called.
func (c *Connection) Unblock(ctx context.Context) (release func()) {
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Now()) })
	return func() { stop() }
}

// Record records an event in the lane of the connection's attempt.
func (c *Connection) Record(kind timeline.Kind, text string) { c.a.record(kind, text) }

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
