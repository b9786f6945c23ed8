package fakeprovider

import (
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"golang.org/x/net/http2"

	"github.com/chaosrun/chaosrun/timeline"
)

// ErrNoHTTP2 reports that an exchange's HTTP/2 frames are out of reach: it is HTTP/1.1, or its
// HTTP/2 is net/http's. A provider builds HTTP/2 from frames only if one of its faults needs
// that.
var ErrNoHTTP2 = errors.New("fakeprovider: this fault needs HTTP/2")

// HTTP2 is the HTTP/2 stream of an exchange. It is not safe for concurrent use.
type HTTP2 struct {
	x      *exchange
	stream *http2Stream
}

// HTTP2 returns the exchange's stream.
func (x *exchange) HTTP2() (*HTTP2, error) {
	if err := x.usable(); err != nil {
		return nil, err
	}
	stream, ok := x.w.(*http2Stream)
	if !ok {
		return nil, ErrNoHTTP2
	}
	return &HTTP2{x: x, stream: stream}, nil
}

// http2Codes maps the names of RFC 9113 §7 to error codes.
//
//nolint:gochecknoglobals // an immutable table
var http2Codes = map[string]http2.ErrCode{
	"NO_ERROR": http2.ErrCodeNo, "PROTOCOL_ERROR": http2.ErrCodeProtocol, "INTERNAL_ERROR": http2.ErrCodeInternal,
	"FLOW_CONTROL_ERROR": http2.ErrCodeFlowControl, "SETTINGS_TIMEOUT": http2.ErrCodeSettingsTimeout,
	"STREAM_CLOSED":    http2.ErrCodeStreamClosed,
	"FRAME_SIZE_ERROR": http2.ErrCodeFrameSize, "REFUSED_STREAM": http2.ErrCodeRefusedStream,
	"CANCEL":            http2.ErrCodeCancel,
	"COMPRESSION_ERROR": http2.ErrCodeCompression, "CONNECT_ERROR": http2.ErrCodeConnect,
	"ENHANCE_YOUR_CALM":   http2.ErrCodeEnhanceYourCalm,
	"INADEQUATE_SECURITY": http2.ErrCodeInadequateSecurity, "HTTP_1_1_REQUIRED": http2.ErrCodeHTTP11Required,
}

// HTTP2Codes returns the names of HTTP/2's error codes, sorted.
func HTTP2Codes() []string { return slices.Sorted(maps.Keys(http2Codes)) }

// Reset ends the stream with RST_STREAM, and the exchange with it. code is one of HTTP2Codes. It
// returns ErrEnded, or ErrPeerGone.
func (h *HTTP2) Reset(code string) error {
	if err := h.stream.reset(http2Codes[code]); err != nil {
		return h.x.writeError(err)
	}
	h.x.ending, h.x.endKind = Reset, timeline.ConnectionReset
	h.x.rec.Record(h.x.lane, h.x.endKind, "RST_STREAM "+code)
	return ErrEnded
}

// Refuse sends GOAWAY with a last stream below this one, and ends the exchange without another
// word. Earlier streams continue. code is one of HTTP2Codes. It returns ErrEnded, or ErrPeerGone.
func (h *HTTP2) Refuse(code string) error {
	last := h.stream.id - 2 // the stream before: clients count by two
	if h.stream.id < 3 {
		last = 0
	}
	if err := h.stream.c.goAway(last, http2Codes[code]); err != nil {
		return h.x.writeError(err)
	}
	h.stream.closeLocal()
	h.x.ending, h.x.endKind = Cut, timeline.ConnectionCut
	h.x.rec.Record(h.x.lane, h.x.endKind, fmt.Sprintf("GOAWAY %s, last stream %d", code, last))
	return ErrEnded
}

// GoAway sends GOAWAY with the highest stream as the last one. All open streams continue. code is
// one of HTTP2Codes.
func (h *HTTP2) GoAway(code string) error {
	if err := h.stream.c.goAway(h.stream.c.highest(), http2Codes[code]); err != nil {
		return h.x.writeError(err)
	}
	return nil
}

// Close sends GOAWAY and closes the connection with all its streams. code is one of HTTP2Codes.
// It returns ErrEnded, or ErrPeerGone.
func (h *HTTP2) Close(code string) error {
	if err := h.GoAway(code); err != nil {
		return err
	}
	h.x.ending, h.x.endKind = Cut, timeline.ConnectionCut
	h.x.rec.Record(h.x.lane, h.x.endKind, "GOAWAY "+code)
	h.stream.closeLocal()
	h.stream.c.close()
	return ErrEnded
}

// needsHTTP2Frames reports whether a fault of the provider needs HTTP/2 built from frames.
func (p *Provider) needsHTTP2Frames() bool {
	p.dueMu.Lock()
	defer p.dueMu.Unlock()
	needs := func(entry Fault) bool { return Needs(entry) == NeedsHTTP2 }
	return slices.ContainsFunc(p.entries, needs) ||
		slices.ContainsFunc(p.o.Outages, func(o Outage) bool { return needs(o.Fault) })
}

// useHTTP2Frames makes a server build its HTTP/2 from frames.
func useHTTP2Frames(s *http.Server) {
	s.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){http2.NextProtoTLS: serveHTTP2}
}
