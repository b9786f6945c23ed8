package fakeprovider

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// End ends the exchange on the wire.
func (x *exchange) End(e Ending) error {
	// A client that has read the terminal frame may go away at once. Whether that is seen before the response has ended is
	// a matter of scheduling, so here it does not count.
	if err := x.usable(); err != nil && (errors.Is(err, ErrEnded) || e != EOF || !x.headSent) {
		return err
	}
	switch e {
	case EOF:
		if err := x.runEndHooks(); err != nil || x.ending != 0 {
			return err
		}
		if err := x.impliedHead(); err != nil {
			return err
		}
		if x.wire != nil {
			if err := errors.Join(x.wire.finish(), x.wire.drain()); err != nil {
				return err
			}
		}
		x.end(e, timeline.ResponseEnded)
	case Cut, Reset:
		if err := x.sendHalf(); err != nil {
			return err
		}
		if x.wire != nil {
			if err := x.wire.drain(); err != nil {
				return err
			}
		}
		if e == Cut {
			x.end(e, timeline.ConnectionCut)
			return nil
		}
		if err := x.awaitArrival(); err != nil {
			return err
		}
		x.end(e, timeline.ConnectionReset)
		x.reset()
	case Hang:
		x.rec.Record(x.lane, timeline.ConnectionHeld, "")
		<-x.ctx.Done()
		return context.Cause(x.ctx) //nolint:wrapcheck // the sentinel must arrive as it is
	default:
		return fmt.Errorf("fakeprovider: no such ending: %d", e)
	}
	return nil
}

func (x *exchange) end(e Ending, kind timeline.Kind) {
	x.ending, x.endKind = e, kind
	x.rec.Record(x.lane, kind, "")
}

// half sends the first half of a body that was gathered and will never be whole, so that a response that
// is not streamed breaks off in its middle too.
func (x *exchange) sendHalf() error {
	if len(x.gathered) == 0 || x.meta.Request.Stream || x.wrote {
		return nil
	}
	body, err := x.enc.Encode(Frame{Kind: FrameFinish})
	if err != nil {
		return fmt.Errorf("frame %s: %w", FrameFinish, err)
	}
	x.gathered = nil
	return x.Bytes(body[:len(body)/2])
}

// arrival is how long what was sent gets to arrive before a reset, in real time.
const arrivalTime = time.Millisecond

// arrive waits for what was sent to be read: a reset overtakes it otherwise, or does not, as chance will have it.
func (x *exchange) awaitArrival() error {
	if !x.headSent {
		return nil
	}
	timer := time.NewTimer(arrivalTime)
	defer timer.Stop()
	select {
	case <-timer.C:
		return x.usable()
	case <-x.ctx.Done():
		return context.Cause(x.ctx) //nolint:wrapcheck // the sentinel must arrive as it is
	}
}

// reset takes the connection from net/http and resets it: with a linger of 0, Close sends RST instead of FIN.
// Where that cannot be (HTTP/2, a connection without linger) the handler aborts instead.
func (x *exchange) reset() {
	if x.wire != nil {
		resetConn(x.wire.raw)
		return
	}
	conn, _, err := x.rc.Hijack()
	if err != nil {
		return
	}
	x.hijacked = true
	resetConn(conn)
}

// resetConn closes a connection with RST.
func resetConn(conn net.Conn) {
	socket, ok := findLinger(conn)
	if !ok {
		_ = conn.Close() // it is gone, or of a kind that cannot be reset
		return
	}
	_ = socket.SetLinger(0) // a connection that is already gone needs no reset
	_ = socket.Close()      // TLS above it would say goodbye first
}

type lingerConn interface {
	SetLinger(sec int) error
	Close() error
}

// lingerer looks for the socket below TLS and whatever else was laid over it.
func findLinger(conn net.Conn) (lingerConn, bool) {
	for ; conn != nil; conn = Below(conn) {
		if l, ok := conn.(lingerConn); ok {
			return l, true
		}
	}
	return nil, false
}

// close settles the exchange after its script has been played, with the error that the script ended with. It
// panics with http.ErrAbortHandler where the connection must not be used again.
func (x *exchange) close(err error) {
	if err == nil {
		err = x.End(EOF)
	}
	if x.wire != nil {
		defer x.wire.close()
	}
	switch {
	case x.ending == EOF || x.hijacked && x.ending != 0:
		return
	case x.ending != 0: // cut, or a reset that could not be had
	case errors.Is(err, ErrProviderClosed):
		// Nobody disconnected. The attempt stays open in the timeline, as it was.
	case errors.Is(err, ErrPeerGone):
		x.endKind = timeline.ClientDisconnected
		x.rec.Record(x.lane, x.endKind, "")
	default:
		x.endKind = timeline.HarnessFailed
		x.rec.Record(timeline.WorldLane, x.endKind, fmt.Sprintf("the script of %s: %v", x.lane, err))
	}
	if x.wire == nil {
		panic(http.ErrAbortHandler)
	}
}
