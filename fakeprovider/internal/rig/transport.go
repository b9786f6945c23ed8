package rig

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// A Serving puts up a provider on one transport, with a client that reaches it.
type Serving func(t *testing.T, o fakeprovider.Options) (*fakeprovider.Server, *http.Client)

// hurry is how much faster scenario time passes on the wall clock: 17 minutes take 10 ms.
const hurry = 1e-5

// Everywhere runs a test in virtual time and over TCP, TLS and HTTP/2. It fails if a response
// came another way.
func Everywhere(t *testing.T, test func(t *testing.T, serve Serving)) {
	t.Helper()
	t.Run("virtual", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			test(t, witnessed("HTTP/1.1", false, ServeInMemory))
		})
	})
	t.Run("tcp", func(t *testing.T) {
		test(t, witnessed("HTTP/1.1", false, hurried(ServeOnLoopback)))
	})
	t.Run("tls", func(t *testing.T) {
		test(t, witnessed("HTTP/1.1", true, hurried(overTLS(false))))
	})
	t.Run("http2", func(t *testing.T) {
		test(t, witnessed("HTTP/2.0", true, hurried(overTLS(true))))
	})
}

func hurried(serve Serving) Serving {
	return func(t *testing.T, o fakeprovider.Options) (*fakeprovider.Server, *http.Client) {
		t.Helper()
		o.Scale = hurry
		return serve(t, o)
	}
}

// overTLS serves on loopback with a certificate of its own, to a client that trusts only that.
// The client offers HTTP/2 if h2 is set.
func overTLS(h2 bool) Serving {
	return func(t *testing.T, o fakeprovider.Options) (*fakeprovider.Server, *http.Client) {
		t.Helper()
		config, ca, err := fakeprovider.NewTLS("127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(ca) {
			t.Fatal("the authority is no PEM file")
		}
		config.NextProtos = []string{"h2", "http/1.1"}
		o.TLS = config
		server, err := fakeprovider.Start(spoken(o))
		if err != nil {
			t.Fatal(err)
		}
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: h2}
		t.Cleanup(func() {
			transport.CloseIdleConnections()
			server.Close()
		})
		return server, &http.Client{Transport: transport}
	}
}

// witnessed checks the protocol of every response, and whether it came over TLS. A test without a
// response fails.
func witnessed(proto string, secure bool, serve Serving) Serving {
	return func(t *testing.T, o fakeprovider.Options) (*fakeprovider.Server, *http.Client) {
		t.Helper()
		server, client := serve(t, o)
		over := client.Transport
		var seen atomic.Int64
		client.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			resp, err := over.RoundTrip(r)
			if err != nil {
				return nil, err
			}
			seen.Add(1)
			if resp.Proto != proto || (resp.TLS != nil) != secure {
				t.Errorf("the response came by %s, TLS %t, want %s, %t", resp.Proto, resp.TLS != nil, proto, secure)
			}
			return resp, nil
		})
		t.Cleanup(func() {
			if seen.Load() == 0 {
				t.Error("no response came this way")
			}
		})
		return server, client
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip calls the function.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
