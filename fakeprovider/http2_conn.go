package fakeprovider

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

const (
	// maxStreams is how many streams a connection may have at once; further ones are refused. RFC
	// 9113 §6.5.2 recommends at least 100.
	maxStreams = 100
	// firstWindow is the initial size of every window (RFC 9113 §6.9.2).
	firstWindow = 65535
	// maxFrame is the largest frame that every client accepts (RFC 9113 §4.2).
	maxFrame = 16384
	// maxHeaderBlock is the largest header block that is read. It is net/http's default.
	maxHeaderBlock = 1 << 20
)

// An http2Conn is the server's end of one HTTP/2 connection, built from frames, so that faults
// can send what no polite server would. A provider without such faults leaves HTTP/2 to net/http.
type http2Conn struct {
	conn        *tls.Conn
	framer      *http2.Framer
	handler     http.Handler
	ctx         context.Context //nolint:containedctx // the connection's own life
	cancel      context.CancelFunc
	streamsDone sync.WaitGroup

	// writing holds a token while nobody writes. It guards the framer's writing half, encoder and
	// block.
	writing chan struct{}
	encoder *hpack.Encoder
	block   bytes.Buffer

	mu        sync.Mutex
	changed   chan struct{} // closed and replaced at each change of the fields below and of the streams' own
	streams   map[uint32]*http2Stream
	window    int64 // bytes that may be sent on all streams together
	initial   int64 // bytes that may be sent on a new stream
	last      uint32
	goingAway bool // GOAWAY has been sent: new streams are ignored
}

// serveHTTP2 takes a connection from net/http and returns when it has ended.
func serveHTTP2(server *http.Server, conn *tls.Conn, handler http.Handler) {
	base := context.Background()
	if h, ok := handler.(interface{ BaseContext() context.Context }); ok {
		base = h.BaseContext()
	}
	c := &http2Conn{
		conn: conn, framer: http2.NewFramer(conn, conn), handler: handler, writing: make(chan struct{}, 1),
		changed: make(chan struct{}), streams: map[uint32]*http2Stream{}, window: firstWindow, initial: firstWindow,
	}
	c.ctx, c.cancel = context.WithCancel(base)
	c.encoder = hpack.NewEncoder(&c.block)
	c.framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	c.framer.MaxHeaderListSize = maxHeaderBlock
	c.writing <- struct{}{}
	defer c.streamsDone.Wait()
	defer func() { _ = conn.Close() }() // the client may have closed it already
	defer c.cancel()
	if err := c.handshake(server.ReadHeaderTimeout); err != nil {
		return
	}
	for c.read() == nil {
		continue
	}
}

// handshake sends the server's settings and reads the client's preface.
func (c *http2Conn) handshake(patience time.Duration) error {
	settings := func() error {
		return c.framer.WriteSettings(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: maxStreams})
	}
	if err := c.write(settings); err != nil {
		return err
	}
	_ = c.conn.SetReadDeadline(time.Now().Add(patience))
	preface := make([]byte, len(http2.ClientPreface))
	if _, err := io.ReadFull(c.conn, preface); err != nil {
		return err //nolint:wrapcheck // the error ends the connection and is not shown
	}
	if string(preface) != http2.ClientPreface {
		return errors.New("no preface")
	}
	return c.conn.SetReadDeadline(time.Now().Add(idleTimeout)) //nolint:wrapcheck // likewise
}

// write calls f, which writes frames. It excludes other writers.
func (c *http2Conn) write(f func() error) error {
	select {
	case <-c.writing:
	case <-c.ctx.Done():
		return ErrPeerGone
	}
	defer func() { c.writing <- struct{}{} }()
	return f()
}

// read reads one frame and handles it. An error ends the connection.
func (c *http2Conn) read() error {
	frame, err := c.framer.ReadFrame()
	if stream, ok := errors.AsType[http2.StreamError](err); ok {
		c.cancelStream(stream.StreamID)
		return c.write(func() error { return c.framer.WriteRSTStream(stream.StreamID, stream.Code) })
	}
	if err != nil {
		if code, ok := errors.AsType[http2.ConnectionError](err); ok {
			_ = c.goAway(c.highest(), http2.ErrCode(code)) // the connection ends anyway
		}
		return err //nolint:wrapcheck // it ends the connection, and nobody reads it
	}
	switch f := frame.(type) {
	case *http2.MetaHeadersFrame:
		return c.headers(f)
	case *http2.DataFrame:
		return c.data(f)
	case *http2.SettingsFrame:
		return c.settings(f)
	case *http2.PingFrame:
		if f.IsAck() {
			return nil
		}
		return c.write(func() error { return c.framer.WritePing(true, f.Data) })
	case *http2.WindowUpdateFrame:
		c.update(func() {
			if f.StreamID == 0 {
				c.window += int64(f.Increment)
			} else if s := c.streams[f.StreamID]; s != nil {
				s.window += int64(f.Increment)
			}
		})
	case *http2.RSTStreamFrame:
		c.cancelStream(f.StreamID)
	}
	return nil
}

// update calls f under the lock and wakes everybody who waits for a change.
func (c *http2Conn) update(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
	close(c.changed)
	c.changed = make(chan struct{})
}

// cancelStream ends a stream that the client has reset.
func (c *http2Conn) cancelStream(id uint32) {
	c.update(func() {
		if s := c.streams[id]; s != nil {
			s.closed = true
			s.cancel()
		}
	})
}

// highest returns the highest stream that the client has opened.
func (c *http2Conn) highest() uint32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

// settings applies the client's settings and acknowledges them.
func (c *http2Conn) settings(f *http2.SettingsFrame) error {
	if f.IsAck() {
		return nil
	}
	c.update(func() {
		if v, ok := f.Value(http2.SettingInitialWindowSize); ok {
			for _, s := range c.streams {
				s.window += int64(v) - c.initial
			}
			c.initial = int64(v)
		}
	})
	return c.write(func() error {
		if v, ok := f.Value(http2.SettingHeaderTableSize); ok {
			c.encoder.SetMaxDynamicTableSize(min(v, 4096))
		}
		return c.framer.WriteSettingsAck()
	})
}

// headers begins a stream, or ends its request if they are trailers.
func (c *http2Conn) headers(f *http2.MetaHeadersFrame) error {
	refuse := false
	var begun *http2Stream
	c.update(func() {
		switch s := c.streams[f.StreamID]; {
		case s != nil:
			s.bodyEnded = s.bodyEnded || f.StreamEnded()
		case f.StreamID <= c.last || c.goingAway:
		case len(c.streams) >= maxStreams || f.Truncated:
			c.last, refuse = f.StreamID, true
		default:
			c.last = f.StreamID
			begun = newHTTP2Stream(c, f)
			c.streams[f.StreamID] = begun
			c.streamsDone.Add(1)
			_ = c.conn.SetReadDeadline(time.Time{}) // a stream may last for hours
		}
	})
	if begun != nil {
		go begun.serve()
	}
	if refuse {
		return c.write(func() error { return c.framer.WriteRSTStream(f.StreamID, http2.ErrCodeRefusedStream) })
	}
	return nil
}

// data stores a piece of a request. Bytes that nobody will read return to the window at once.
func (c *http2Conn) data(f *http2.DataFrame) error {
	back := f.Length
	c.update(func() {
		if s := c.streams[f.StreamID]; s != nil && !s.closed && !s.bodyEnded {
			if s.body.Len()+len(f.Data()) <= firstWindow { // a client that keeps to the window never sends more
				_, _ = s.body.Write(f.Data())
				back -= uint32(len(f.Data())) //nolint:gosec // a frame has 16 MiB at most
			}
			s.bodyEnded = f.StreamEnded()
		}
	})
	if back == 0 {
		return nil
	}
	return c.write(func() error { return c.framer.WriteWindowUpdate(0, back) })
}

// goAway tells the client that no stream above last was or will be served.
func (c *http2Conn) goAway(last uint32, code http2.ErrCode) error {
	c.update(func() { c.goingAway = true })
	return c.write(func() error { return c.framer.WriteGoAway(last, code, nil) })
}

// removeStream removes a stream. It closes the connection after the last stream if GOAWAY has
// been sent.
func (c *http2Conn) removeStream(s *http2Stream) {
	over := false
	c.update(func() {
		delete(c.streams, s.id)
		over = c.goingAway && len(c.streams) == 0
		if len(c.streams) == 0 {
			_ = c.conn.SetReadDeadline(time.Now().Add(idleTimeout))
		}
	})
	if over {
		c.close()
	}
}

// goAwayTimeout is how long a client may take to read what was sent before the connection is
// closed, in real time. It is net/http's own. An immediate close could end in a reset, which
// would overtake the bytes.
const goAwayTimeout = time.Second

// close closes the sending side. The connection ends when the client closes it, or after
// goAwayTimeout.
func (c *http2Conn) close() {
	_ = c.conn.CloseWrite() // it may be closed already
	_ = c.conn.SetReadDeadline(time.Now().Add(goAwayTimeout))
}
