package rig

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// An arrival is bytes that a client read at one instant.
type arrival struct {
	At    time.Duration
	Bytes []byte
}

// An Observation is what a raw client saw: the parts in order, and how it ended.
type Observation struct {
	Arrivals []arrival
	End      string
	EndAt    time.Duration
}

// Observe looks at the site as a client that knows no HTTP: it connects, speaks TLS if it must,
// writes one request, and reads to the end.
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
		if err := o.tunnel(s, start, conn); err != nil {
			return ended("tunnel", err)
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

// tunnel asks for a tunnel to the provider, and reads until there is one.
func (o *Observation) tunnel(s *Site, start time.Time, conn net.Conn) error {
	if _, err := fmt.Fprintf(conn, "CONNECT %[1]s HTTP/1.1\r\nHost: %[1]s\r\n\r\n", s.Address); err != nil {
		return err
	}
	for !bytes.Contains(o.BytesRead(), []byte("HTTP/1.1 200 ")) {
		if err := o.read(s, start, conn); err != nil {
			return err
		}
	}
	return nil
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

// whole reports whether a response in chunks has arrived to its end.
func (o *Observation) whole() bool { return bytes.HasSuffix(o.BytesRead(), []byte("\r\n0\r\n\r\n")) }

// add appends what arrived, to the part before it if that came at the same instant.
func (o *Observation) add(a arrival) {
	if n := len(o.Arrivals); n > 0 && o.Arrivals[n-1].At == a.At {
		o.Arrivals[n-1].Bytes = append(o.Arrivals[n-1].Bytes, a.Bytes...)
		return
	}
	o.Arrivals = append(o.Arrivals, a)
}

// real converts scenario time to the clock of the site; since is the reverse.
func (s *Site) real(d time.Duration) time.Duration { return time.Duration(float64(d) * s.scale) }

func (s *Site) since(start time.Time) time.Duration {
	return time.Duration(float64(time.Since(start)) / s.scale)
}

// someTime matches a time in an error.
var someTime = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)

// said returns an error without what differs from run to run.
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

// nameless returns a text without the names of the site: its address, that of redirects to
// another origin, and its host.
func (s *Site) nameless(text string) string {
	_, port, _ := net.SplitHostPort(s.Address)
	elsewhere := net.JoinHostPort(s.host+".", port)
	if s.host == "127.0.0.1" {
		elsewhere = net.JoinHostPort("localhost", port)
	}
	return strings.NewReplacer(elsewhere, "ELSEWHERE", s.Address, "ADDRESS", s.host, "HOST",
		"somebody-else.invalid", "ANOTHER", "192.0.2.1", "ANOTHER").Replace(text)
}

// Text returns an observation for people to read: one line for each line that arrived, with times
// if they are exact.
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

// mostArrivals is how many arrivals Text shows. Of more, it counts those in the middle.
const mostArrivals = 140

// A longer line is shown as its beginning, its end and its length.
const (
	lineStart = 60
	lineEnd   = 240
)

// quoted returns a line as Go would write it, but leaves its quotes alone.
func quoted(line []byte) string {
	text := func(b []byte) string {
		q := fmt.Sprintf("%q", b)
		return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
	}
	if len(line) <= lineStart+lineEnd {
		return "| " + text(line) + "\n"
	}
	return fmt.Sprintf("| %s …%d bytes… %s\n", text(line[:lineStart]), len(line)-lineStart-lineEnd,
		text(line[len(line)-lineEnd:]))
}

// BytesRead returns all bytes, whenever they arrived.
func (o Observation) BytesRead() []byte {
	var all []byte
	for _, a := range o.Arrivals {
		all = append(all, a.Bytes...)
	}
	return all
}
