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

// ErrNoHTTP2 says that an exchange is no stream of HTTP/2, or one of net/http's: a provider speaks HTTP/2 from its frames up only
// where one of its faults needs it.
var ErrNoHTTP2 = errors.New("fakeprovider: this fault needs HTTP/2")

// HTTP2 is an exchange's stream, for what only HTTP/2 can say.
type HTTP2 struct {
	x      *exchange
	stream *http2Stream
}

// HTTP2 returns the stream.
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

// http2Codes are the error codes of RFC 9113 §7.
//
//nolint:gochecknoglobals // an immutable table
var http2Codes = map[string]http2.ErrCode{
	"NO_ERROR": http2.ErrCodeNo, "PROTOCOL_ERROR": http2.ErrCodeProtocol, "INTERNAL_ERROR": http2.ErrCodeInternal,
	"FLOW_CONTROL_ERROR": http2.ErrCodeFlowControl, "SETTINGS_TIMEOUT": http2.ErrCodeSettingsTimeout, "STREAM_CLOSED": http2.ErrCodeStreamClosed,
	"FRAME_SIZE_ERROR": http2.ErrCodeFrameSize, "REFUSED_STREAM": http2.ErrCodeRefusedStream, "CANCEL": http2.ErrCodeCancel,
	"COMPRESSION_ERROR": http2.ErrCodeCompression, "CONNECT_ERROR": http2.ErrCodeConnect, "ENHANCE_YOUR_CALM": http2.ErrCodeEnhanceYourCalm,
	"INADEQUATE_SECURITY": http2.ErrCodeInadequateSecurity, "HTTP_1_1_REQUIRED": http2.ErrCodeHTTP11Required,
}

// HTTP2Codes returns the names of HTTP/2's error codes, in alphabetical order.
func HTTP2Codes() []string { return slices.Sorted(maps.Keys(http2Codes)) }

// Reset ends the stream with RST_STREAM, and the exchange with it.
func (h *HTTP2) Reset(code string) error {
	if err := h.stream.reset(http2Codes[code]); err != nil {
		return h.x.writeError(err)
	}
	h.x.ending, h.x.endKind = Reset, timeline.ConnectionReset
	h.x.rec.Record(h.x.lane, h.x.endKind, "RST_STREAM "+code)
	return ErrEnded
}

// Refuse sends GOAWAY with a last stream below this one, which ends without another word, and the exchange with it. The streams
// before it go on.
func (h *HTTP2) Refuse(code string) error {
	last := h.stream.id - 2 // the one before it: clients count by two
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

// GoAway sends GOAWAY with this stream as the last. It goes on.
func (h *HTTP2) GoAway(code string) error {
	if err := h.stream.c.goAway(h.stream.c.highest(), http2Codes[code]); err != nil {
		return h.x.writeError(err)
	}
	return nil
}

// Close sends GOAWAY and closes the connection, with all streams on it.
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

// framed says whether a provider has faults for which HTTP/2 is made of frames here.
func (p *Provider) needsHTTP2Frames() bool {
	p.dueMu.Lock()
	defer p.dueMu.Unlock()
	needs := func(entry Fault) bool { return Needs(entry) == NeedsHTTP2 }
	return slices.ContainsFunc(p.entries, needs) || slices.ContainsFunc(p.o.Outages, func(o Outage) bool { return needs(o.Fault) })
}

// serveFrames lets a server speak HTTP/2 from its frames up.
func useHTTP2Frames(s *http.Server) {
	s.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){http2.NextProtoTLS: serveHTTP2}
}
