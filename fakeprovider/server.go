package fakeprovider

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

const (
	// headerTimeout is how long a client may take to send its headers, against slow-loris
	// clients.
	headerTimeout = 10 * time.Second
	// idleTimeout is how long a connection may wait for its next request. Users see pooled
	// connections reset after 337 to 355 s (claude-code #67091). This is longer, because a stale
	// connection is a fault of its own.
	idleTimeout = 400 * time.Second
)

// Server returns a server for the provider, ready to Serve on any listener. It has no read or
// write timeout, because a stream may last for hours. Close the provider before the server.
func (p *Provider) Server() *http.Server {
	server := &http.Server{
		Handler:           p,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		// The timeline records what goes wrong on a connection.
		ErrorLog: log.New(io.Discard, "", 0),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(context.WithValue(ctx, connKey{}, c), usesKey{}, new(connUses))
		},
	}
	if p.needsHTTP2Frames() {
		useHTTP2Frames(server)
	}
	return server
}

// connKey is the key of a request's connection in its context, for faults below HTTP.
type connKey struct{}

// A Server is a provider that listens by itself. It is safe for concurrent use.
type Server struct {
	*Provider

	url    string
	server *http.Server
	done   chan struct{}
}

// Start listens on a free port of 127.0.0.1 and serves a provider there until Close. It returns
// ErrNoProtocol if Options name no protocol, or the error of listening.
func Start(o Options) (*Server, error) {
	if o.Protocol == nil {
		return nil, ErrNoProtocol
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("fakeprovider: %w", err)
	}
	return Serve(listener, o), nil
}

// Serve serves a provider on a listener, which may be in memory, until Close. It panics with
// ErrNoProtocol if Options name no protocol.
func Serve(listener net.Listener, o Options) *Server {
	p := New(o)
	s := &Server{Provider: p, url: "http://" + listener.Addr().String(), server: p.Server(), done: make(chan struct{})}
	if o.TLS != nil {
		s.url = "https://" + listener.Addr().String()
	}
	listener = Listen(listener, o.TLS, func() *Provider { return p })
	go func() {
		defer close(s.done)
		_ = s.server.Serve(listener) // ends with http.ErrServerClosed
	}()
	return s
}

// URL returns the server's root, which corresponds to https://api.openai.com for OpenAI. An SDK
// whose base URL ends in /v1 needs that appended.
func (s *Server) URL() string { return s.url }

// Close ends every exchange, closes every connection and waits for the server's goroutines.
// Further calls do nothing.
func (s *Server) Close() {
	s.Provider.Close()
	_ = s.server.Close() // the errors of connections that are closed anyway
	<-s.done
}
