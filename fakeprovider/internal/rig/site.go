package rig

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/internal/memnet"
	"github.com/chaosrun/chaosrun/serve"
)

// looking is how long an observer looks at a fault that does not end, in scenario time. Nothing
// is due at that instant.
const looking = 64*time.Second + 500*time.Millisecond

// A Site is a provider with one fault, and how a client reaches it.
type Site struct {
	*fakeprovider.Server

	Fault    fakeprovider.Fault
	protocol fakeprovider.Protocol
	Stream   bool
	scale    float64
	Address  string // host and port
	host     string
	Dial     fakeprovider.DialFunc
	Roots    *x509.CertPool
	Look     time.Duration // how long a client looks at it, in scenario time
	Asking   Asking
}

// Asking changes how an observer asks, for faults that one request of the usual size does not
// show.
type Asking struct {
	// Requests is how many requests it sends on one connection. 0 is 1.
	Requests int
	// Body is how many bytes it adds to the body of each request. More than 64 KiB exceed the
	// buffers on the way, in memory and on loopback.
	Body int
}

// SiteOptions returns the options of a site with one fault, and the authority that its clients
// trust.
func SiteOptions(t *testing.T, fault fakeprovider.Fault, protocol fakeprovider.Protocol, host string,
	scale float64,
) (fakeprovider.Options, *x509.CertPool) {
	t.Helper()
	o := fakeprovider.Options{
		Name: "primary", Protocol: protocol, OnRequest: []fakeprovider.Fault{fault}, Seed: 1, FixedIDs: true,
		Scale: scale,
	}
	need := fakeprovider.Needs(fault)
	if need == fakeprovider.NeedsNothing {
		return o, nil
	}
	config, ca, err := fakeprovider.NewTLS(host)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	if need == fakeprovider.NeedsHTTP2 {
		config.NextProtos = []string{"h2", "http/1.1"}
	}
	o.TLS = config
	return o, roots
}

// VirtualSite puts up a site on a network in memory. Call it inside a bubble.
func VirtualSite(t *testing.T, fault fakeprovider.Fault, protocol fakeprovider.Protocol, stream bool) *Site {
	t.Helper()
	o, roots := SiteOptions(t, fault, protocol, VirtualHost, 1)
	s := VirtualSiteOf(t, o)
	s.Fault, s.Stream, s.Roots = fault, stream, roots
	return s
}

// VirtualHost is the host of a VirtualSite.
const VirtualHost = "primary.test"

// VirtualSiteOf puts up a site with options of its own.
func VirtualSiteOf(t *testing.T, o fakeprovider.Options) *Site {
	t.Helper()
	o = spoken(o)
	address := VirtualHost + ":80"
	network := memnet.New()
	listener, err := network.Listen(address)
	if err != nil {
		t.Fatal(err)
	}
	server := fakeprovider.Serve(listener, o)
	t.Cleanup(func() {
		server.Close()
		network.Close()
		time.Sleep(time.Second) // virtual: net/http lingers for half a second over a connection that it gives up
	})
	dial := func(ctx context.Context, network_, address string) (net.Conn, error) {
		return server.Dial(ctx, network_, address, network.DialContext)
	}
	return &Site{
		Server: server, Fault: fakeprovider.Healthy{}, protocol: o.Protocol, Stream: true, scale: 1, Address: address,
		host: VirtualHost, Dial: dial,
		Look: looking,
	}
}

// LoopbackSite puts up a site on TCP, accelerated. Call it outside of a bubble.
func LoopbackSite(t *testing.T, fault fakeprovider.Fault, protocol fakeprovider.Protocol, stream bool) *Site {
	t.Helper()
	const scale = 1.0 / 60
	o, roots := SiteOptions(t, fault, protocol, "127.0.0.1", scale)
	server, err := fakeprovider.Start(spoken(o))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	_, address, _ := strings.Cut(server.URL(), "://")
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		return server.Dial(ctx, network, address, DialTCP)
	}
	return &Site{
		Server: server, Fault: fault, protocol: protocol, Stream: stream, scale: scale, Address: address,
		host: "127.0.0.1", Dial: dial, Roots: roots,
		Look: looking,
	}
}

// DialTCP connects with a send buffer that is as small as in memory.
func DialTCP(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if socket, ok := conn.(*net.TCPConn); ok {
		_ = socket.SetWriteBuffer(64 << 10)
	}
	return conn, err
}

// glance is how long an observer looks at a served provider, whose time is not accelerated. A
// healthy answer takes two thirds of it.
const glance = 900 * time.Millisecond

// ServedSite puts up a provider of `chaosrun serve`, which knows nothing of the client. Call it
// outside of a bubble.
func ServedSite(t *testing.T, fault fakeprovider.Fault, protocol fakeprovider.Protocol, stream bool) *Site {
	t.Helper()
	o, roots := SiteOptions(t, fault, protocol, "127.0.0.1", 1)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	set, err := serve.Start(serve.Options{
		Providers: []serve.Provider{{Name: o.Name, Protocol: protocol, OnRequest: o.OnRequest, Listener: listener}},
		Seed:      o.Seed, FixedIDs: o.FixedIDs, TLS: o.TLS,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(set.Close)
	return &Site{
		Fault: fault, protocol: protocol, Stream: stream, scale: 1, Address: listener.Addr().String(),
		host: "127.0.0.1",
		Dial: DialTCP, Roots: roots, Look: glance,
	}
}

// bodySize is the least length of a request's body, whatever the protocol. The goldens of HTTP/2
// show it.
const bodySize = 224

// Request returns a request that the site's protocol takes.
func (s *Site) Request(t *testing.T) *http.Request {
	t.Helper()
	scheme := "http"
	if s.Roots != nil {
		scheme = "https"
	}
	r := AskOf(t.Context(), t, scheme+"://"+s.Address, s.protocol, s.Stream)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	body = append(body, bytes.Repeat([]byte(" "), max(0, bodySize-len(body))+s.Asking.Body)...)
	padded, err := http.NewRequestWithContext(t.Context(), r.Method, r.URL.String(), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	padded.Header = r.Header
	return padded
}

// Client returns an http.Client that reaches the site; closeIdle lets go of its connections.
func (s *Site) Client() (client *http.Client, closeIdle func()) {
	transport := &http.Transport{
		DialContext: s.Dial, ForceAttemptHTTP2: fakeprovider.Needs(s.Fault) == fakeprovider.NeedsHTTP2,
	}
	if fakeprovider.Proxied(s.Fault) {
		transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: s.Address})
	}
	if s.Roots != nil {
		transport.TLSClientConfig = &tls.Config{RootCAs: s.Roots, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{Transport: transport}, transport.CloseIdleConnections
}
