package fakeprovider

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// An http2Stream is one request and its response. Its connection's lock guards the fields named
// below.
type http2Stream struct {
	c      *http2Conn
	id     uint32
	r      *http.Request
	ctx    context.Context //nolint:containedctx // the request's own
	cancel context.CancelFunc

	// Guarded by the connection's mu.
	window    int64
	body      bytes.Buffer // request bytes that have arrived and were not read
	bodyEnded bool
	closed    bool // neither side sends anything more
	deadlines [2]streamDeadline

	// Used by the handler's goroutine alone.
	header   http.Header
	headSent bool
}

// A stream has a deadline for reading and one for sending.
const (
	reading = iota
	sending
)

// streamDeadline is a deadline that may be set again.
type streamDeadline struct {
	timer   *time.Timer
	expired bool
}

var _ http.ResponseWriter = (*http2Stream)(nil)

// newHTTP2Stream returns a stream for a request's headers.
func newHTTP2Stream(c *http2Conn, f *http2.MetaHeadersFrame) *http2Stream {
	s := &http2Stream{c: c, id: f.StreamID, window: c.initial, bodyEnded: f.StreamEnded(), header: http.Header{}}
	s.ctx, s.cancel = context.WithCancel(c.ctx)
	h := http.Header{}
	for _, field := range f.RegularFields() {
		h.Add(field.Name, field.Value)
	}
	target, err := url.ParseRequestURI(f.PseudoValue("path"))
	if err != nil {
		target = &url.URL{Path: "/"}
	}
	length, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64)
	if err != nil {
		length = -1
	}
	state := c.conn.ConnectionState()
	s.r = (&http.Request{
		Method: f.PseudoValue("method"), URL: target, RequestURI: f.PseudoValue("path"),
		Host:  f.PseudoValue("authority"),
		Proto: "HTTP/2.0", ProtoMajor: 2, Header: h, Body: requestBody{s}, ContentLength: length,
		RemoteAddr: c.conn.RemoteAddr().String(), TLS: &state,
	}).WithContext(s.ctx)
	return s
}

// serve runs the handler and ends the stream as the handler asks for.
func (s *http2Stream) serve() {
	defer s.c.streamsDone.Done()
	defer s.c.removeStream(s)
	defer s.cancel()
	if s.aborted() {
		_ = s.reset(http2.ErrCodeInternal) // the client may be gone
		return
	}
	if !s.headSent {
		s.WriteHeader(http.StatusOK)
	}
	_ = s.frame(func() error { return s.c.framer.WriteData(s.id, true, nil) }) // likewise
	unread := 0
	s.c.update(func() {
		unread = s.body.Len()
		for i := range s.deadlines {
			s.deadlines[i].stop()
		}
	})
	if unread > 0 {
		//nolint:gosec // a window has 64 KiB
		_ = s.c.write(func() error { return s.c.framer.WriteWindowUpdate(0, uint32(unread)) })
	}
}

// aborted runs the handler and reports whether it panicked.
func (s *http2Stream) aborted() (aborted bool) {
	defer func() { aborted = recover() != nil }()
	s.c.handler.ServeHTTP(s, s.r)
	return false
}

// frame calls f, which writes frames of the stream. It returns ErrPeerGone if the stream is
// closed.
func (s *http2Stream) frame(f func() error) error {
	return s.c.write(func() error {
		s.c.mu.Lock()
		closed := s.closed
		s.c.mu.Unlock()
		if closed {
			return ErrPeerGone
		}
		return f()
	})
}

// closeLocal marks the stream closed and sends nothing.
func (s *http2Stream) closeLocal() { s.c.update(func() { s.closed = true }) }

// reset ends the stream with RST_STREAM.
func (s *http2Stream) reset(code http2.ErrCode) error {
	err := s.frame(func() error { return s.c.framer.WriteRSTStream(s.id, code) })
	s.closeLocal()
	return err
}

// Header returns the headers that WriteHeader will send.
func (s *http2Stream) Header() http.Header { return s.header }

// WriteHeader sends the head. Further calls after a final status do nothing.
func (s *http2Stream) WriteHeader(status int) {
	if s.headSent {
		return
	}
	s.headSent = status >= http.StatusOK
	if s.headSent && strings.EqualFold(s.header.Get("Connection"), "close") {
		_ = s.c.goAway(s.c.highest(), http2.ErrCodeNo) // HTTP/2 has no header for it
	}
	_ = s.frame(func() error { return s.writeHead(status) }) // the next write of the body reports a client that is gone
}

// connectionHeaders returns the headers that HTTP/2 forbids (RFC 9113 §8.2.2).
func connectionHeaders() []string {
	return []string{"connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"}
}

// writeHead writes HEADERS, and CONTINUATION frames for a long block.
func (s *http2Stream) writeHead(status int) error {
	s.c.block.Reset()
	field := func(name, value string) {
		_ = s.c.encoder.WriteField(hpack.HeaderField{Name: name, Value: value}) // to memory
	}
	field(":status", strconv.Itoa(status))
	for _, name := range slices.SortedFunc(maps.Keys(s.header), strings.Compare) {
		if slices.Contains(connectionHeaders(), strings.ToLower(name)) {
			continue
		}
		for _, value := range s.header[name] {
			field(strings.ToLower(name), value)
		}
	}
	block := s.c.block.Bytes()
	first := block[:min(len(block), maxFrame)]
	block = block[len(first):]
	if err := s.c.framer.WriteHeaders(http2.HeadersFrameParam{
		StreamID: s.id, BlockFragment: first, EndHeaders: len(block) == 0,
	}); err != nil {
		return err //nolint:wrapcheck // the connection's own
	}
	for len(block) > 0 {
		piece := block[:min(len(block), maxFrame)]
		block = block[len(piece):]
		if err := s.c.framer.WriteContinuation(s.id, len(block) == 0, piece); err != nil {
			return err //nolint:wrapcheck // likewise
		}
	}
	return nil
}

// Write sends a piece of the body. It waits while the client's windows are full.
func (s *http2Stream) Write(b []byte) (n int, err error) {
	if !s.headSent {
		s.WriteHeader(http.StatusOK)
	}
	for len(b) > 0 {
		take, err := s.reserve(len(b))
		if err != nil {
			return n, err
		}
		if err := s.frame(func() error { return s.c.framer.WriteData(s.id, false, b[:take]) }); err != nil {
			return n, err
		}
		n, b = n+take, b[take:]
	}
	return n, nil
}

// reserve takes up to want bytes from the windows. It waits while they are full.
func (s *http2Stream) reserve(want int) (got int, err error) {
	err = s.await(sending, func() bool {
		if got = int(min(int64(want), s.window, s.c.window, maxFrame)); got <= 0 {
			return false
		}
		s.window -= int64(got)
		s.c.window -= int64(got)
		return true
	})
	return got, err
}

// await returns when ready returns true, or with an error at the deadline or at the stream's end.
func (s *http2Stream) await(doing int, ready func() bool) error {
	for {
		s.c.mu.Lock()
		changed, over, closed := s.c.changed, s.deadlines[doing].expired, s.closed
		done := !over && !closed && ready()
		s.c.mu.Unlock()
		switch {
		case done:
			return nil
		case over:
			return os.ErrDeadlineExceeded
		case closed:
			return ErrPeerGone
		}
		select {
		case <-changed:
		case <-s.ctx.Done():
			return ErrPeerGone
		}
	}
}

// FlushError does nothing: Write has already sent its bytes.
func (s *http2Stream) FlushError() error { return nil }

// SetReadDeadline makes reads of the request fail from t on. The zero time removes the deadline.
func (s *http2Stream) SetReadDeadline(t time.Time) error { return s.setDeadline(reading, t) }

// SetWriteDeadline makes writes fail from t on, including those of other streams that wait for
// the connection.
func (s *http2Stream) SetWriteDeadline(t time.Time) error {
	_ = s.setDeadline(sending, t)
	return s.c.conn.SetWriteDeadline(t) //nolint:wrapcheck // the socket's own
}

// setDeadline sets one of the stream's deadlines.
func (s *http2Stream) setDeadline(doing int, t time.Time) error {
	s.c.update(func() {
		late := &s.deadlines[doing]
		late.stop()
		if !t.IsZero() {
			late.timer = time.AfterFunc(time.Until(t), func() { s.c.update(func() { late.expired = true }) })
		}
	})
	return nil
}

// stop removes the deadline.
func (l *streamDeadline) stop() {
	if l.timer != nil {
		l.timer.Stop()
	}
	*l = streamDeadline{}
}
