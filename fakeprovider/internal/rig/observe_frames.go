package rig

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// A FramesClient speaks HTTP/2 in frames alone. It acknowledges, gives windows back, and keeps to
// those that it has.
type FramesClient struct {
	conn   *tls.Conn
	Framer *http2.Framer
	block  bytes.Buffer
	encode *hpack.Encoder

	window, initial int64
	streams         map[uint32]*framesStream
}

type framesStream struct {
	window int64
	rest   []byte // of the request
	sent   bool
}

// NewFramesClient sends the preface and SETTINGS to a server.
func NewFramesClient(conn *tls.Conn) (*FramesClient, error) {
	c := &FramesClient{
		conn: conn, Framer: http2.NewFramer(conn, conn), window: 65535, initial: 65535,
		streams: map[uint32]*framesStream{},
	}
	c.Framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	c.encode = hpack.NewEncoder(&c.block)
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		return nil, err
	}
	return c, c.Framer.WriteSettings()
}

// Ask begins a stream with a request, and sends as much of its body as the windows allow.
func (c *FramesClient) Ask(id uint32, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	c.block.Reset()
	fields := []hpack.HeaderField{
		{Name: ":method", Value: r.Method},
		{Name: ":scheme", Value: "https"},
		{Name: ":authority", Value: r.URL.Host},
		{Name: ":path", Value: r.URL.RequestURI()},
	}
	for name, values := range r.Header {
		fields = append(fields, hpack.HeaderField{Name: strings.ToLower(name), Value: values[0]})
	}
	for _, f := range fields {
		if err := c.encode.WriteField(f); err != nil {
			return err
		}
	}
	c.streams[id] = &framesStream{window: c.initial, rest: body}
	if err := c.Framer.WriteHeaders(http2.HeadersFrameParam{
		StreamID: id, BlockFragment: c.block.Bytes(), EndHeaders: true,
	}); err != nil {
		return err
	}
	return c.send()
}

// send sends what the windows allow.
func (c *FramesClient) send() error {
	for id, s := range c.streams {
		for !s.sent {
			n := min(int64(len(s.rest)), s.window, c.window, 16384)
			if n <= 0 {
				break
			}
			piece := s.rest[:n]
			s.rest, s.window, c.window = s.rest[n:], s.window-n, c.window-n
			s.sent = len(s.rest) == 0
			if err := c.Framer.WriteData(id, s.sent, piece); err != nil {
				return err
			}
		}
	}
	return nil
}

// Read reads one frame, does what it asks for, and describes it for people to read.
func (c *FramesClient) Read() (http2.Frame, string, error) {
	frame, err := c.Framer.ReadFrame()
	if err != nil {
		return nil, "", err
	}
	switch f := frame.(type) {
	case *http2.SettingsFrame:
		if f.IsAck() {
			return frame, "< SETTINGS ACK\n", nil
		}
		text := "< SETTINGS"
		_ = f.ForeachSetting(func(s http2.Setting) error {
			text += " " + s.String()
			return nil
		})
		if v, ok := f.Value(http2.SettingInitialWindowSize); ok {
			c.initial = int64(v)
		}
		return frame, text + "\n", c.Framer.WriteSettingsAck()
	case *http2.MetaHeadersFrame:
		text := fmt.Sprintf("< HEADERS stream %d%s\n", f.StreamID, ending(f.StreamEnded()))
		lines := []string{text}
		for _, field := range f.Fields {
			lines = append(lines, field.Name+": "+field.Value+"\n")
		}
		return frame, strings.Join(lines, ""), nil
	case *http2.DataFrame:
		text := fmt.Sprintf("< DATA stream %d, %d bytes%s\n%s", f.StreamID, len(f.Data()), ending(f.StreamEnded()),
			f.Data())
		if n := f.Length; n > 0 && !f.StreamEnded() {
			if err := c.Framer.WriteWindowUpdate(f.StreamID, n); err != nil {
				return nil, text, err
			}
			return frame, text, c.Framer.WriteWindowUpdate(0, n)
		}
		return frame, text, nil
	case *http2.RSTStreamFrame:
		return frame, fmt.Sprintf("< RST_STREAM stream %d %s\n", f.StreamID, f.ErrCode), nil
	case *http2.GoAwayFrame:
		return frame, fmt.Sprintf("< GOAWAY last stream %d %s\n", f.LastStreamID, f.ErrCode), nil
	case *http2.WindowUpdateFrame:
		if s := c.streams[f.StreamID]; s != nil {
			s.window += int64(f.Increment)
		} else {
			c.window += int64(f.Increment)
		}
		return frame, fmt.Sprintf("< WINDOW_UPDATE stream %d, %d bytes\n", f.StreamID, f.Increment), c.send()
	case *http2.PingFrame:
		return frame, "< PING\n", c.Framer.WritePing(true, f.Data)
	}
	return frame, "< " + frame.Header().String() + "\n", nil
}

func ending(is bool) string {
	if is {
		return " END_STREAM"
	}
	return ""
}

// DialFrames connects to a site and agrees on HTTP/2.
func (s *Site) DialFrames(ctx context.Context) (*tls.Conn, string, error) {
	conn, err := s.Dial(ctx, "tcp", s.Address)
	if err != nil {
		return nil, "dial", err
	}
	_ = conn.SetDeadline(time.Now().Add(s.real(s.Look)))
	secure := tls.Client(conn, &tls.Config{
		RootCAs: s.Roots, ServerName: s.host, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2"},
	})
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, "handshake", err
	}
	return secure, "", nil
}

// observeFrames looks at the site in HTTP/2 frames. It asks once it has the server's SETTINGS,
// and reads to the end.
func (s *Site) observeFrames(t *testing.T) Observation {
	t.Helper()
	start := time.Now()
	var o Observation
	ended := func(doing string, err error) Observation {
		o.EndAt, o.End = s.since(start), s.said(doing, err)
		return o
	}
	ctx, cancel := context.WithTimeout(t.Context(), s.real(s.Look))
	defer cancel()
	conn, doing, err := s.DialFrames(ctx)
	if err != nil {
		return ended(doing, err)
	}
	defer func() { _ = conn.Close() }()
	o.add(arrival{s.since(start), []byte("* " + conn.ConnectionState().NegotiatedProtocol + " is agreed on\n")})
	c, err := NewFramesClient(conn)
	if err != nil {
		return ended("write", err)
	}
	for {
		frame, text, err := c.Read()
		if text != "" {
			o.add(arrival{s.since(start), []byte(text)})
		}
		if err != nil {
			return ended("read", err)
		}
		if f, ok := frame.(*http2.SettingsFrame); ok && !f.IsAck() {
			if err := c.Ask(1, s.Request(t)); err != nil {
				return ended("write", err)
			}
		}
	}
}
