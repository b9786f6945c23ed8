package fakeprovider_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/internal/memnet"
	"github.com/chaosrun/chaosrun/serve"
)

// looking is how long an observer looks at a fault that does not end, in scenario time: off the times at which anything is due.
const looking = 64*time.Second + 500*time.Millisecond

// A site is a provider with one fault, and how a client gets at it.
type site struct {
	*fakeprovider.Server

	fault    fakeprovider.Preset
	protocol fakeprovider.Protocol
	stream   bool
	scale    float64
	address  string // host and port
	host     string
	dial     fakeprovider.DialFunc
	roots    *x509.CertPool
	look     time.Duration // how long a client looks at it, in scenario time
}

// siteOptions are what a site is made of.
func siteOptions(t *testing.T, fault fakeprovider.Preset, protocol fakeprovider.Protocol, host string, scale float64) (fakeprovider.Options, *x509.CertPool) {
	t.Helper()
	o := fakeprovider.Options{
		Name: "primary", Protocol: protocol, OnRequest: []fakeprovider.Preset{fault}, Seed: 1, FixedIDs: true, Scale: scale,
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

// virtualSite is a site on a network in memory. Call it inside a bubble.
func virtualSite(t *testing.T, fault fakeprovider.Preset, protocol fakeprovider.Protocol, stream bool) *site {
	t.Helper()
	o, roots := siteOptions(t, fault, protocol, virtualHost, 1)
	s := virtualSiteOf(t, o)
	s.fault, s.stream, s.roots = fault, stream, roots
	return s
}

const virtualHost = "primary.test"

// virtualSiteOf is a site with options of its own.
func virtualSiteOf(t *testing.T, o fakeprovider.Options) *site {
	t.Helper()
	if o.Protocol == nil {
		o.Protocol = fakeprovider.OpenAIChat{}
	}
	address := virtualHost + ":80"
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
	return &site{
		Server: server, fault: fakeprovider.Healthy{}, protocol: o.Protocol, stream: true, scale: 1, address: address, host: virtualHost, dial: dial,
		look: looking,
	}
}

// loopbackSite is a site on TCP, accelerated. Call it outside of a bubble.
func loopbackSite(t *testing.T, fault fakeprovider.Preset, protocol fakeprovider.Protocol, stream bool) *site {
	t.Helper()
	const scale = 1.0 / 60
	o, roots := siteOptions(t, fault, protocol, "127.0.0.1", scale)
	server, err := fakeprovider.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	_, address, _ := strings.Cut(server.URL(), "://")
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		return server.Dial(ctx, network, address, (&net.Dialer{}).DialContext)
	}
	return &site{
		Server: server, fault: fault, protocol: protocol, stream: stream, scale: scale, address: address, host: "127.0.0.1", dial: dial, roots: roots,
		look: looking,
	}
}

// glance is how long an observer looks at a served provider, whose time is not accelerated: a healthy answer takes two thirds of it.
const glance = 900 * time.Millisecond

// servedSite is a provider of `chaosrun serve`, with a client that it knows nothing of. Call it outside of a bubble.
func servedSite(t *testing.T, fault fakeprovider.Preset, protocol fakeprovider.Protocol, stream bool) *site {
	t.Helper()
	o, roots := siteOptions(t, fault, protocol, "127.0.0.1", 1)
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
	return &site{
		fault: fault, protocol: protocol, stream: stream, scale: 1, address: listener.Addr().String(), host: "127.0.0.1",
		dial: (&net.Dialer{}).DialContext, roots: roots, look: glance,
	}
}

// An arrival is bytes that a client read at one instant.
type arrival struct {
	at    time.Duration
	bytes []byte
}

// An observation is what a raw client saw: the parts in order, and how it ended.
type observation struct {
	arrivals []arrival
	end      string
	endAt    time.Duration
}

// observe is a client that knows no HTTP: it connects, speaks TLS where it must, writes one request, and reads to the end.
func (s *site) observe(t *testing.T) observation {
	t.Helper()
	if fakeprovider.Needs(s.fault) == fakeprovider.NeedsHTTP2 {
		return s.observeFrames(t)
	}
	start := time.Now()
	var o observation
	ended := func(doing string, err error) observation {
		o.endAt, o.end = s.since(start), s.said(doing, err)
		return o
	}
	ctx, cancel := context.WithTimeout(t.Context(), s.real(s.look))
	defer cancel()
	conn, err := s.dial(ctx, "tcp", s.address)
	if err != nil {
		return ended("dial", err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(start.Add(s.real(s.look)))
	if s.roots != nil {
		secure := tls.Client(conn, &tls.Config{RootCAs: s.roots, ServerName: s.host, MinVersion: tls.VersionTLS12})
		if err := secure.HandshakeContext(ctx); err != nil {
			return ended("handshake", err)
		}
		conn = secure
	}
	if err := s.request(t).Write(conn); err != nil {
		return ended("write", err)
	}
	buffer := make([]byte, 256<<10)
	for {
		n, err := conn.Read(buffer)
		if n > 0 {
			o.add(arrival{s.since(start), bytes.Clone(buffer[:n])})
		}
		if err != nil {
			return ended("read", err)
		}
	}
}

// add adds what arrived, to the part before it if that came at the same instant.
func (o *observation) add(a arrival) {
	if n := len(o.arrivals); n > 0 && o.arrivals[n-1].at == a.at {
		o.arrivals[n-1].bytes = append(o.arrivals[n-1].bytes, a.bytes...)
		return
	}
	o.arrivals = append(o.arrivals, a)
}

// real is scenario time as the site's clock has it, and since the reverse.
func (s *site) real(d time.Duration) time.Duration { return time.Duration(float64(d) * s.scale) }

func (s *site) since(start time.Time) time.Duration {
	return time.Duration(float64(time.Since(start)) / s.scale)
}

// said is an error without what differs from run to run.
func (s *site) said(doing string, err error) string {
	switch {
	case errors.Is(err, io.EOF):
		return doing + ": EOF"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return doing + ": nothing more"
	}
	text := err.Error()
	for err := err; err != nil; err = errors.Unwrap(err) {
		if op, ok := err.(*net.OpError); ok { //nolint:errorlint // each link is looked at
			text = op.Err.Error()
		}
	}
	return doing + ": " + strings.NewReplacer(s.address, "ADDRESS", s.host, "HOST").Replace(text)
}

// request is one that the site's protocol takes.
func (s *site) request(t *testing.T) *http.Request {
	t.Helper()
	scheme := "http"
	if s.roots != nil {
		scheme = "https"
	}
	return ask(t.Context(), t, scheme+"://"+s.address+path(s.protocol), s.stream)
}

// client is a http.Client that reaches the site; closeIdle lets go of its connections.
func (s *site) client() (client *http.Client, closeIdle func()) {
	transport := &http.Transport{DialContext: s.dial, ForceAttemptHTTP2: fakeprovider.Needs(s.fault) == fakeprovider.NeedsHTTP2}
	if s.roots != nil {
		transport.TLSClientConfig = &tls.Config{RootCAs: s.roots, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{Transport: transport}, transport.CloseIdleConnections
}

// plain is what net/http makes of the fault: status, length of the body, and errors. It follows no redirect by itself.
func (s *site) plain(t *testing.T) string {
	t.Helper()
	client, closeIdle := s.client()
	defer closeIdle()
	ctx, cancel := context.WithTimeout(t.Context(), s.real(s.look))
	defer cancel()
	resp, err := client.Do(s.request(t).WithContext(ctx))
	if err != nil {
		return s.said("request", err)
	}
	defer func() { _ = resp.Body.Close() }()
	n, err := io.Copy(io.Discard, resp.Body)
	switch {
	case err == nil:
		return fmt.Sprintf("%s, %d bytes of body, whole", resp.Status, n)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("%s, a body that does not end", resp.Status)
	}
	return fmt.Sprintf("%s, %d bytes of body, then %s", resp.Status, n, s.said("read", err))
}

// text is an observation for people to read: one line for each line that arrived, with times where they are exact.
func (o observation) text(exact bool) string {
	var b strings.Builder
	for _, a := range o.arrivals {
		if exact {
			fmt.Fprintf(&b, "@ %s\n", a.at)
		}
		scanner := bufio.NewReader(bytes.NewReader(a.bytes))
		for {
			line, err := scanner.ReadBytes('\n')
			if len(line) > 0 {
				b.WriteString(quoted(line))
			}
			if err != nil {
				break
			}
		}
	}
	if exact {
		fmt.Fprintf(&b, "@ %s\n", o.endAt)
	}
	fmt.Fprintf(&b, "= %s\n", o.end)
	return b.String()
}

// A longer line is told by its beginning, its end and its length.
const (
	lineStart = 60
	lineEnd   = 240
)

// quoted is a line as Go would write it, but with its quotes left alone.
func quoted(line []byte) string {
	text := func(b []byte) string {
		q := fmt.Sprintf("%q", b)
		return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
	}
	if len(line) <= lineStart+lineEnd {
		return "| " + text(line) + "\n"
	}
	return fmt.Sprintf("| %s …%d bytes… %s\n", text(line[:lineStart]), len(line)-lineStart-lineEnd, text(line[len(line)-lineEnd:]))
}

// bytesRead are all bytes, whenever they arrived.
func (o observation) bytesRead() []byte {
	var all []byte
	for _, a := range o.arrivals {
		all = append(all, a.bytes...)
	}
	return all
}
