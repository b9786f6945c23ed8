package fakeprovider

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"time"
)

// proxied reports whether clients come through a proxy.
func (p *Provider) proxied() bool {
	p.dueMu.Lock()
	defer p.dueMu.Unlock()
	return slices.ContainsFunc(p.entries, Proxied) ||
		slices.ContainsFunc(p.o.Outages, func(o Outage) bool { return Proxied(o.Fault) })
}

// errNoTunnel reports that a client spoke to the proxy as if it were the provider.
var errNoTunnel = errors.New("fakeprovider: the client did not ask its proxy for a tunnel")

// ReadConnect reads a client's CONNECT request to a proxy. It returns an error for any other
// request.
func ReadConnect(conn net.Conn) error {
	// A client sends nothing through a tunnel before it is established, so the buffer holds
	// nothing else.
	r, err := http.ReadRequest(bufio.NewReader(io.LimitReader(conn, maxHeaderBlock)))
	if err != nil {
		return fmt.Errorf("%w: %w", errNoTunnel, err)
	}
	if r.Method != http.MethodConnect {
		return errNoTunnel
	}
	return nil
}

// tunnel acts as a proxy that accepts a client's CONNECT request.
func tunnel(ctx context.Context, conn net.Conn) error {
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })
	defer stop()
	_ = conn.SetReadDeadline(time.Now().Add(headerTimeout))
	if err := ReadConnect(conn); err != nil {
		return err
	}
	_ = conn.SetReadDeadline(time.Time{})
	_, err := io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
	return err //nolint:wrapcheck // the socket's own
}
