package fakeprovider

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
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
		// The timeline records what goes wrong on a connection that carries a request.
		ErrorLog: p.o.ErrorLog,
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

	url      string
	server   *http.Server
	listener net.Listener
	done     chan struct{}

	// mu guards conns, the connections that the server has.
	mu    sync.Mutex
	conns map[net.Conn]struct{}
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
	s := &Server{
		Provider: p, url: "http://" + listener.Addr().String(), server: p.Server(), done: make(chan struct{}),
		conns: map[net.Conn]struct{}{},
	}
	if o.TLS != nil {
		s.url = "https://" + listener.Addr().String()
	}
	listener = Listen(listener, o.TLS, func() *Provider { return p })
	s.listener, s.server.ConnState = listener, s.track
	go func() {
		defer close(s.done)
		_ = s.server.Serve(listener) // ends with net.ErrClosed
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
	// http.Server.Close would wait on a sync.WaitGroup of its own: see Provider.mu.
	_ = s.listener.Close() // it is closed anyway
	<-s.done
	s.mu.Lock()
	conns := slices.Collect(maps.Keys(s.conns))
	s.mu.Unlock()
	for _, conn := range conns {
		_ = conn.Close() // likewise
	}
}

// track records which connections the server has.
func (s *Server) track(conn net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch state {
	case http.StateNew:
		s.conns[conn] = struct{}{}
	case http.StateClosed, http.StateHijacked:
		delete(s.conns, conn)
	case http.StateActive, http.StateIdle:
	}
}
