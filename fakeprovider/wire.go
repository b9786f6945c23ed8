package fakeprovider

import (
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
	"github.com/chaosrun/chaosrun/timeline"
)

// A Fault damages a connection below HTTP, whatever the protocol: what is written to the connection that it returns
// reaches the one that it was given late, in other pieces, changed, or never. It need only care for Write.
type Damage func(net.Conn) net.Conn

// A Wire is an exchange's connection, taken from net/http. The steps that follow write to it as they would otherwise; how their
// bytes are framed and what becomes of them on the way is the Wire's. It closes with the exchange. It is not for concurrent use.
type Wire struct {
	x        *exchange
	raw      net.Conn // as net/http had it; TLS, where there is any, ends here
	conn     net.Conn // with all faults laid over it
	framing  Framing
	readDone chan struct{}  // closed when the peer has been read to its end
	delayed  []*delayedConn // those of the layers that deliver late, the uppermost first
}

// Wire takes the connection, once.
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

// watch notices the peer's end, as net/http did before, and in memory also one that cannot arrive.
func (w *Wire) watch() {
	defer close(w.readDone)
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(io.Discard, w.raw) // whatever ends it, the peer is gone or the exchange over
	}()
	select {
	case <-read:
		w.x.cancel(ErrPeerGone)
	case <-abandoned(w.raw):
		w.x.cancel(ErrPeerGone)
		<-read // it ends with close at the latest
	}
}

// Damage lays a fault over the connection, above those before it, and records its name.
func (w *Wire) Damage(name string, f Damage) {
	w.x.rec.Record(w.x.lane, timeline.FaultInjected, name)
	w.conn = f(w.conn)
}

// Frame sets how the response is written from its head on. Default Chunked, or Plain where the response has a Content-Length.
func (w *Wire) SetFraming(name string, f Framing) {
	w.x.rec.Record(w.x.lane, timeline.FaultInjected, name)
	w.framing = f
}

// Conn is the connection below all faults, for what no framing would say. A connection with TLS writes plain text here; its own
// NetConn is below that.
func (w *Wire) Conn() net.Conn { return w.raw }

// Write sends bytes through the faults and outside of the response, before its head for instance.
func (w *Wire) Write(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	if _, err := w.conn.Write(b); err != nil {
		return w.x.writeError(err)
	}
	return nil
}

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

func (w *Wire) body(b []byte) error {
	if len(b) == 0 {
		return nil // an empty chunk would be the last one
	}
	return w.Write(w.framing.Piece(b))
}

func (w *Wire) finish() error { return w.Write(w.framing.End()) }

// close closes the connection and waits for its goroutines.
func (w *Wire) close() {
	w.x.cancel(ErrEnded)
	_ = w.raw.Close() // it may be closed or reset already
	<-w.readDone
	for _, late := range w.delayed {
		<-late.done
	}
}
