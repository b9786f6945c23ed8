package rig

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
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

// Asking is how an observer asks, where one request of the usual size does not show the fault.
type Asking struct {
	// Requests is how many requests it sends on one connection. 0 is 1.
	Requests int
	// Body is how many bytes it adds to each request's body: more than the buffers on the way take, which are 64 KiB in
	// memory and as small on loopback.
	Body int
}

// SiteOptions are what a site is made of.
func SiteOptions(t *testing.T, fault fakeprovider.Fault, protocol fakeprovider.Protocol, host string, scale float64) (fakeprovider.Options, *x509.CertPool) {
	t.Helper()
	o := fakeprovider.Options{
		Name: "primary", Protocol: protocol, OnRequest: []fakeprovider.Fault{fault}, Seed: 1, FixedIDs: true, Scale: scale,
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

// VirtualSite is a site on a network in memory. Call it inside a bubble.
func VirtualSite(t *testing.T, fault fakeprovider.Fault, protocol fakeprovider.Protocol, stream bool) *Site {
	t.Helper()
	o, roots := SiteOptions(t, fault, protocol, VirtualHost, 1)
	s := VirtualSiteOf(t, o)
	s.Fault, s.Stream, s.Roots = fault, stream, roots
	return s
}

const VirtualHost = "primary.test"

// VirtualSiteOf is a site with options of its own.
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
		Server: server, Fault: fakeprovider.Healthy{}, protocol: o.Protocol, Stream: true, scale: 1, Address: address, host: VirtualHost, Dial: dial,
		Look: looking,
	}
}

// LoopbackSite is a site on TCP, accelerated. Call it outside of a bubble.
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
		Server: server, Fault: fault, protocol: protocol, Stream: stream, scale: scale, Address: address, host: "127.0.0.1", Dial: dial, Roots: roots,
		Look: looking,
	}
}

// DialTCP connects with a buffer for sending that is as small as in memory.
func DialTCP(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if socket, ok := conn.(*net.TCPConn); ok {
		_ = socket.SetWriteBuffer(64 << 10)
	}
	return conn, err
}

// glance is how long an observer looks at a served provider, whose time is not accelerated: a healthy answer takes two thirds of it.
const glance = 900 * time.Millisecond

// ServedSite is a provider of `chaosrun serve`, with a client that it knows nothing of. Call it outside of a bubble.
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
		Fault: fault, protocol: protocol, Stream: stream, scale: 1, Address: listener.Addr().String(), host: "127.0.0.1",
		Dial: DialTCP, Roots: roots, Look: glance,
	}
}

// An arrival is bytes that a client read at one instant.
type arrival struct {
	At    time.Duration
	Bytes []byte
}

// An observation is what a raw client saw: the parts in order, and how it ended.
type Observation struct {
	Arrivals []arrival
	End      string
	EndAt    time.Duration
}

// Observe is a client that knows no HTTP: it connects, speaks TLS where it must, writes one request, and reads to the end.
func (s *Site) Observe(t *testing.T) Observation {
	t.Helper()
	if fakeprovider.Needs(s.Fault) == fakeprovider.NeedsHTTP2 {
		return s.observeFrames(t)
	}
	start := time.Now()
	var o Observation
	ended := func(doing string, err error) Observation {
		o.EndAt, o.End = s.since(start), s.said(doing, err)
		for i := range o.Arrivals {
			o.Arrivals[i].Bytes = []byte(s.nameless(string(o.Arrivals[i].Bytes)))
		}
		return o
	}
	ctx, cancel := context.WithTimeout(t.Context(), s.real(s.Look))
	defer cancel()
	conn, err := s.Dial(ctx, "tcp", s.Address)
	if err != nil {
		return ended("dial", err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(start.Add(s.real(s.Look)))
	if fakeprovider.Proxied(s.Fault) {
		if _, err := fmt.Fprintf(conn, "CONNECT %[1]s HTTP/1.1\r\nHost: %[1]s\r\n\r\n", s.Address); err != nil {
			return ended("tunnel", err)
		}
		for !bytes.Contains(o.BytesRead(), []byte("HTTP/1.1 200 ")) {
			if err := o.read(s, start, conn); err != nil {
				return ended("tunnel", err)
			}
		}
	}
	if s.Roots != nil {
		secure := tls.Client(conn, &tls.Config{RootCAs: s.Roots, ServerName: s.host, MinVersion: tls.VersionTLS12})
		if err := secure.HandshakeContext(ctx); err != nil {
			return ended("handshake", err)
		}
		conn = secure
	}
	for n := range s.requests() {
		var request bytes.Buffer
		if err := s.Request(t).Write(&request); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write(request.Bytes()); err != nil {
			return ended("write", err)
		}
		for last := n == s.requests()-1; last || !o.whole(); {
			if err := o.read(s, start, conn); err != nil {
				return ended("read", err)
			}
		}
	}
	return o
}

// read reads what is there.
func (o *Observation) read(s *Site, start time.Time, conn net.Conn) error {
	buffer := make([]byte, 256<<10)
	n, err := conn.Read(buffer)
	if n > 0 {
		o.add(arrival{s.since(start), bytes.Clone(buffer[:n])})
	}
	return err
}

// requests returns how many requests an observer sends.
func (s *Site) requests() int { return max(1, s.Asking.Requests) }

// whole says that a response in chunks has arrived to its end.
func (o *Observation) whole() bool { return bytes.HasSuffix(o.BytesRead(), []byte("\r\n0\r\n\r\n")) }

// add adds what arrived, to the part before it if that came at the same instant.
func (o *Observation) add(a arrival) {
	if n := len(o.Arrivals); n > 0 && o.Arrivals[n-1].At == a.At {
		o.Arrivals[n-1].Bytes = append(o.Arrivals[n-1].Bytes, a.Bytes...)
		return
	}
	o.Arrivals = append(o.Arrivals, a)
}

// real is scenario time as the site's clock has it, and since the reverse.
func (s *Site) real(d time.Duration) time.Duration { return time.Duration(float64(d) * s.scale) }

func (s *Site) since(start time.Time) time.Duration {
	return time.Duration(float64(time.Since(start)) / s.scale)
}

// someTime is a time in an error.
var someTime = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)

// said is an error without what differs from run to run.
func (s *Site) said(doing string, err error) string {
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
			if strings.HasSuffix(op.Op, " error") { // of TLS, which says there whose alert it is
				text = op.Op + ": " + text
			}
		}
	}
	return doing + ": " + someTime.ReplaceAllString(s.nameless(text), "TIME")
}

// nameless is a text without the names of this site: its address, the one of redirects to another origin, and its host.
func (s *Site) nameless(text string) string {
	_, port, _ := net.SplitHostPort(s.Address)
	elsewhere := net.JoinHostPort(s.host+".", port)
	if s.host == "127.0.0.1" {
		elsewhere = net.JoinHostPort("localhost", port)
	}
	return strings.NewReplacer(elsewhere, "ELSEWHERE", s.Address, "ADDRESS", s.host, "HOST",
		"somebody-else.invalid", "ANOTHER", "192.0.2.1", "ANOTHER").Replace(text)
}

// bodySize is how long the body of a request is, whatever the protocol. HTTP/2's goldens show it.
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

// Client is a http.Client that reaches the site; closeIdle lets go of its connections.
func (s *Site) Client() (client *http.Client, closeIdle func()) {
	transport := &http.Transport{DialContext: s.Dial, ForceAttemptHTTP2: fakeprovider.Needs(s.Fault) == fakeprovider.NeedsHTTP2}
	if fakeprovider.Proxied(s.Fault) {
		transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: s.Address})
	}
	if s.Roots != nil {
		transport.TLSClientConfig = &tls.Config{RootCAs: s.Roots, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{Transport: transport}, transport.CloseIdleConnections
}

// Plain is what net/http makes of the fault: the redirects that it follows, status, length of the body, trailers, and errors.
func (s *Site) Plain(t *testing.T) string {
	t.Helper()
	client, closeIdle := s.Client()
	defer closeIdle()
	ctx, cancel := context.WithTimeout(t.Context(), s.real(s.Look))
	defer cancel()
	for range s.requests() - 1 {
		_, body, err := Exchange(t, client, s.Request(t).WithContext(ctx))
		if err != nil || !strings.Contains(body, "[DONE]") {
			t.Fatalf("a request before the last: %v, %q", err, body)
		}
	}
	hops := &hopping{RoundTripper: client.Transport}
	client.Transport = hops
	resp, err := client.Do(s.Request(t).WithContext(ctx))
	followed := s.nameless(hops.text())
	if err != nil {
		return followed + s.said("request", err)
	}
	defer func() { _ = resp.Body.Close() }()
	n, err := io.Copy(io.Discard, resp.Body)
	switch {
	case err == nil:
		return fmt.Sprintf("%s%s, %d bytes of body, whole%s", followed, resp.Status, n, trailers(resp))
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("%s%s, a body that does not end", followed, resp.Status)
	}
	return fmt.Sprintf("%s%s, %d bytes of body, then %s", followed, resp.Status, n, s.said("read", err))
}

// trailers are those of a response that was read to its end.
func trailers(resp *http.Response) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(resp.Trailer)) {
		text.WriteString(", " + name + ": " + resp.Trailer.Get(name))
	}
	return text.String()
}

// hopping notes the redirects that a client follows.
type hopping struct {
	http.RoundTripper

	hops []string
}

// RoundTrip notes where a redirect leads to, and what got lost on the way.
func (h *hopping) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Response != nil {
		hop := fmt.Sprintf("%d to %s %s", r.Response.StatusCode, r.Method, r.URL)
		if r.Header.Get("Authorization") == "" {
			hop += " without Authorization"
		}
		h.hops = append(h.hops, hop)
	}
	return h.RoundTripper.RoundTrip(r)
}

// text is the first of them, and how many there are.
func (h *hopping) text() string {
	switch len(h.hops) {
	case 0:
		return ""
	case 1:
		return h.hops[0] + "; "
	}
	return fmt.Sprintf("%s, the first of %d; ", h.hops[0], len(h.hops))
}

// Text is an observation for people to read: one line for each line that arrived, with times where they are exact.
func (o Observation) Text(exact bool) string {
	var b strings.Builder
	for i, a := range o.Arrivals {
		if left := len(o.Arrivals) - mostArrivals; left > 0 && i >= mostArrivals/2 && i < mostArrivals/2+left {
			if i == mostArrivals/2 {
				fmt.Fprintf(&b, "… %d more such arrivals …\n", left)
			}
			continue
		}
		if exact {
			fmt.Fprintf(&b, "@ %s\n", a.At)
		}
		scanner := bufio.NewReader(bytes.NewReader(a.Bytes))
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
		fmt.Fprintf(&b, "@ %s\n", o.EndAt)
	}
	fmt.Fprintf(&b, "= %s\n", o.End)
	return b.String()
}

// mostArrivals is how many arrivals are told of one observation; of more, those in the middle are counted.
const mostArrivals = 140

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

// BytesRead are all bytes, whenever they arrived.
func (o Observation) BytesRead() []byte {
	var all []byte
	for _, a := range o.Arrivals {
		all = append(all, a.Bytes...)
	}
	return all
}
