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
	// A client that has read the terminal frame may go away at once. Whether that is seen before
	// the response has ended is a matter of scheduling, so here it does not count.
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

// end records the ending.
func (x *exchange) end(e Ending, kind timeline.Kind) {
	x.ending, x.endKind = e, kind
	x.rec.Record(x.lane, kind, "")
}

// sendHalf sends the first half of a gathered body, so that a non-streamed response also breaks
// off in its middle.
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

// arrivalTime is how long sent bytes may take to arrive before a reset, in real time.
const arrivalTime = time.Millisecond

// awaitArrival gives the client time to read what was sent, because a reset can overtake it.
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

// reset takes the connection from net/http and resets it: with a linger of 0, Close sends RST
// instead of FIN. If that is impossible (HTTP/2, or a connection without linger), the handler
// aborts instead.
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

// resetConn closes a connection with RST, if its kind can be reset.
func resetConn(conn net.Conn) {
	socket, ok := findLinger(conn)
	if !ok {
		_ = conn.Close() // it is gone, or its kind cannot be reset
		return
	}
	_ = socket.SetLinger(0) // a connection that is gone needs no reset
	_ = socket.Close()      // closing TLS would send an alert first
}

// lingerConn is a socket that can be reset.
type lingerConn interface {
	SetLinger(sec int) error
	Close() error
}

// findLinger returns the socket below TLS and other layers.
func findLinger(conn net.Conn) (lingerConn, bool) {
	for ; conn != nil; conn = Below(conn) {
		if l, ok := conn.(lingerConn); ok {
			return l, true
		}
	}
	return nil, false
}

// close settles the exchange after its script, given the error that the script ended with. It
// panics with http.ErrAbortHandler if the connection must not be used again.
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
	case x.ending != 0: // cut, or a reset that was not possible
	case errors.Is(err, ErrProviderClosed), errors.Is(err, ErrStopped):
		// Nobody disconnected, so the attempt stays open in the timeline.
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
