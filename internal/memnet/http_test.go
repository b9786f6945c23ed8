package memnet_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chaosrun/chaosrun/internal/memnet"
)

// certificate makes one for a.test that is valid when a bubble's clock starts, at midnight of
// 2000-01-01.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"a.test"},
		NotBefore: time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2000, 2, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// serve runs a handler at a.test until the test ends, and returns a client for it.
func serve(t *testing.T, origin string, http2 bool, h http.Handler) *http.Client {
	t.Helper()
	n := memnet.New()
	var protocols http.Protocols
	protocols.SetHTTP1(!http2)
	protocols.SetHTTP2(http2)
	server := &http.Server{Handler: h, Protocols: &protocols}
	transport := &http.Transport{DialContext: n.DialContext, Protocols: &protocols}
	addr, run := "a.test:80", server.Serve
	if strings.HasPrefix(origin, "https:") {
		cert, pool := certificate(t)
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool}
		addr, run = "a.test:443", func(l net.Listener) error { return server.ServeTLS(l, "", "") }
	}
	l, err := n.Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = run(l) }() // until the cleanup
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = server.Close()
		n.Close()
	})
	return &http.Client{Transport: transport}
}

// TestHTTP is what the harness rests on: streams arrive as they are sent, and an engine that gives
// up is seen at the same virtual instant, whatever lies over the connection.
func TestHTTP(t *testing.T) {
	tests := map[string]struct {
		origin string
		http2  bool
		proto  string
	}{
		"HTTP/1.1":          {"http://a.test", false, "HTTP/1.1"},
		"HTTP/1.1 over TLS": {"https://a.test", false, "HTTP/1.1"},
		"HTTP/2 over TLS":   {"https://a.test", true, "HTTP/2.0"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				gone := make(chan time.Duration, 1)
				client := serve(t, test.origin, test.http2,
					http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						_, _ = io.Copy(io.Discard, r.Body) // a disconnect is noticed only after that
						time.Sleep(10 * time.Second)
						_, _ = io.WriteString(w, "hello")
						_ = http.NewResponseController(w).Flush()
						<-r.Context().Done()
						gone <- time.Since(start)
					}))
				ctx, cancel := context.WithTimeout(t.Context(), 42*time.Second)
				defer cancel()
				req, err := http.NewRequestWithContext(ctx, http.MethodPost, test.origin, strings.NewReader("{}"))
				if err != nil {
					t.Fatal(err)
				}
				res, err := client.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				if at := time.Since(start); res.Proto != test.proto || at != 10*time.Second {
					t.Errorf("got %s headers after %s, want %s after 10s", res.Proto, at, test.proto)
				}
				body, err := io.ReadAll(res.Body)
				if string(body) != "hello" || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("read %q, %v", body, err)
				}
				_ = res.Body.Close()
				if got := <-gone; got != 42*time.Second {
					t.Errorf("the server saw the client go after %s, want 42s", got)
				}
			})
		})
	}
}

// TestEarlyCloseIsSeenByTheServer: a client that closes a response which it has not read to its end
// goes at that instant.
func TestEarlyCloseIsSeenByTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := make(chan time.Time, 1)
		client := serve(t, "http://a.test", false, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write(make([]byte, 8<<10)) // more than the client's first read
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
			gone <- time.Now()
		}))
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://a.test", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		_ = res.Body.Close()
		if at, now := <-gone, time.Now(); !at.Equal(now) {
			t.Errorf("the server saw it at %s, want %s", at, now)
		}
	})
}
