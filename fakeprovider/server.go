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
	// headerTimeout is how long a client may take to send its headers, against slow-loris clients.
	headerTimeout = 10 * time.Second
	// idleTimeout is how long a connection may wait for its next request. Users see their pooled connections reset after
	// 337 to 355 s (claude-code #67091); this is beyond it, because a stale connection is a fault of its own.
	idleTimeout = 400 * time.Second
)

// Server returns a server for the provider, ready to Serve on any listener. It has no read or write
// timeout, because a stream may last for hours. Close the provider before it.
func (p *Provider) Server() *http.Server {
	server := &http.Server{
		Handler:           p,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		// What goes wrong on a connection stands in the timeline.
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

// connKey finds the connection that a request came on, for faults below HTTP.
type connKey struct{}

// A Server is a provider that listens by itself.
type Server struct {
	*Provider

	url    string
	server *http.Server
	done   chan struct{}
}

// Start listens on a free port of 127.0.0.1 and serves a provider there until Close.
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

// Serve serves a provider on a listener, which may be in memory, until Close.
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

// URL is the server's root, as https://api.openai.com is OpenAI's: an SDK whose base URL ends in /v1 needs it added.
func (s *Server) URL() string { return s.url }

// Close ends every exchange, closes every connection and waits for the server's goroutines. It may be called twice.
func (s *Server) Close() {
	s.Provider.Close()
	_ = s.server.Close() // its listener and connections; there is nobody left to tell
	<-s.done
}
