package fakeprovider

import (
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
	"github.com/chaosrun/chaosrun/timeline"
)

// A Damage wraps a connection below HTTP. What is written to the connection that it returns
// reaches the wrapped one late, in other pieces, changed, or never. Only Write needs to be
// implemented.
type Damage func(net.Conn) net.Conn

// A Wire is an exchange's connection, taken from net/http. Later steps write to it as they would
// otherwise; the Wire frames and damages their bytes. It closes with the exchange. It is not safe
// for concurrent use.
type Wire struct {
	x        *exchange
	raw      net.Conn // the connection of net/http, with TLS on it if there is any
	conn     net.Conn // raw, with all damages on it
	framing  Framing
	readDone chan struct{}  // closed when nothing more can be read from the peer
	delayed  []*delayedConn // the delayed layers, the uppermost first
}

// Wire takes the connection. Further calls return the same Wire.
func (x *exchange) Wire() (*Wire, error) {
	if err := x.usable(); err != nil {
		return nil, err
	}
	if x.wire != nil {
		return x.wire, nil
	}
	if x.headSent {
		return nil, fmt.Errorf("%w: %w", ErrNoWire, ErrHeadSent)
	}
	conn, _, err := x.rc.Hijack()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoWire, err)
	}
	x.hijacked = true
	x.wire = &Wire{x: x, raw: conn, conn: conn, readDone: make(chan struct{})}
	go x.wire.watch()
	return x.wire, nil
}

// watch ends the exchange when the peer goes away, as net/http did before. In memory it also
// notices an end that cannot arrive.
func (w *Wire) watch() {
	defer close(w.readDone)
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(io.Discard, w.raw) // any error means that the peer is gone or the exchange over
	}()
	select {
	case <-read:
		w.x.cancel(ErrPeerGone)
	case <-abandoned(w.raw):
		w.x.cancel(ErrPeerGone)
		<-read // ends with close at the latest
	}
}

// Damage wraps the connection once more, above earlier damages, and records the fault's name.
func (w *Wire) Damage(name string, f Damage) {
	w.x.rec.Record(w.x.lane, timeline.FaultInjected, name)
	w.conn = f(w.conn)
}

// SetFraming sets how the response is written, from its head on, and records the fault's name.
// Default Chunked, or Plain if the response has a Content-Length.
func (w *Wire) SetFraming(name string, f Framing) {
	w.x.rec.Record(w.x.lane, timeline.FaultInjected, name)
	w.framing = f
}

// Conn returns the connection below all damages, for bytes that no framing would produce. With
// TLS, Conn takes plain text, and its NetConn returns the socket.
func (w *Wire) Conn() net.Conn { return w.raw }

// Write sends bytes through the damages but outside of the response, before its head for
// instance.
func (w *Wire) Write(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	if _, err := w.conn.Write(b); err != nil {
		return w.x.writeError(err)
	}
	return nil
}

// head writes the head in the wire's framing.
func (w *Wire) head(status int, h http.Header) error {
	if w.framing == nil {
		w.framing = Chunked{}
		if headerValue(h, "Content-Length") != "" {
			w.framing = Plain{}
		}
	}
	if headerValue(h, "Connection") != "close" {
		sse.SetHeaders(h, http.Header{"Connection": {"close"}})
	}
	if long, ok := w.framing.(LongHead); ok {
		return long.WriteHead(w.Write, status, h)
	}
	return w.Write(w.framing.Head(status, h))
}

// body writes a piece of the body in the wire's framing.
func (w *Wire) body(b []byte) error {
	if len(b) == 0 {
		return nil // an empty chunk would end the body
	}
	return w.Write(w.framing.Piece(b))
}

// finish writes the end of the body in the wire's framing.
func (w *Wire) finish() error { return w.Write(w.framing.End()) }

// close closes the connection and waits for its goroutines.
func (w *Wire) close() {
	w.x.cancel(ErrEnded)
	_ = w.raw.Close() // it may already be closed or reset
	<-w.readDone
	for _, late := range w.delayed {
		<-late.done
	}
}
