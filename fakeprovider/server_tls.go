package fakeprovider

import (
	"crypto/tls"
	"net"
)

// ServeTLS serves a provider on a listener over TLS until Close, and HTTP/2 to clients that offer it. The certificate is
// config's; package serve's NewTLS makes one for a run.
func ServeTLS(listener net.Listener, config *tls.Config, o Options) *Server {
	p := New(o)
	s := &Server{Provider: p, url: "https://" + listener.Addr().String(), server: p.Server(), done: make(chan struct{})}
	s.server.TLSConfig = config.Clone()
	go func() {
		defer close(s.done)
		_ = s.server.ServeTLS(listener, "", "") // ends with http.ErrServerClosed
	}()
	return s
}
