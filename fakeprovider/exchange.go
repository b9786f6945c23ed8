package fakeprovider

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
	"github.com/chaosrun/chaosrun/timeline"
)

// exchange is one request and its response over an http.ResponseWriter.
type exchange struct {
	ctx    context.Context         //nolint:containedctx // the exchange is the request, and lives exactly as long
	cancel context.CancelCauseFunc // ends ctx
	w      http.ResponseWriter
	rc     *http.ResponseController
	proto  Protocol
	others []Protocol
	enc    Encoder
	meta   Meta
	rand   *rand.Rand
	rec    *timeline.Recorder
	lane   string
	scale  float64
	budget *Budget

	// headSent and started report that the head and the opening frame have been sent.
	headSent, started bool
	// wrote reports that a part of the body has been sent.
	wrote bool
	// gathered holds the frames of a non-streamed response until the body is sent.
	gathered []Frame
	// calls counts the tool calls that have begun.
	calls  int
	ending Ending
	// endKind is the kind of the event that ended the exchange.
	endKind timeline.Kind
	// hijacked reports that the connection no longer belongs to net/http.
	hijacked bool
	// wire is the hijacked connection, if a step took it.
	wire *Wire
	// lastOnConn reports that the connection carries no further exchange.
	lastOnConn bool
	// filters change the response on its way out.
	filters Filters
	// http is the raw request.
	http *http.Request
	// timer is reused by all waits, because a script of heartbeats does little else.
	timer *time.Timer
}

var _ Exchange = (*exchange)(nil)

// usable returns the reason why nothing can be sent any more, or nil. Every method calls it
// first.
func (x *exchange) usable() error {
	if x.ending != 0 {
		return ErrEnded
	}
	if x.ctx.Err() != nil {
		return context.Cause(x.ctx) //nolint:wrapcheck // the sentinel must arrive as it is
	}
	return nil
}

// step is usable for what scripts do again and again. It uses up a step of the run.
func (x *exchange) step() error {
	if err := x.usable(); err != nil {
		return err
	}
	return x.budget.step()
}

// Head sends status and headers at once.
func (x *exchange) Head(status int, h http.Header) error {
	if err := x.usable(); err != nil {
		return err
	}
	if err := x.head(status, x.enc.Header(), h); err != nil {
		return err
	}
	return x.flush()
}

// head writes the head, vendor's headers first, then those of over in their place.
func (x *exchange) head(status int, vendor, over http.Header) error {
	if x.headSent {
		return ErrHeadSent
	}
	x.headSent = true
	out := x.w.Header()
	if x.wire != nil {
		out = http.Header{}
	}
	out.Set("Date", x.meta.Now.UTC().Format(http.TimeFormat))
	sse.SetHeaders(out, vendor)
	if x.lastOnConn {
		sse.SetHeaders(out, http.Header{"Connection": {"close"}})
	}
	sse.SetHeaders(out, over)
	status = x.filters.Head(status, out)
	x.rec.Record(x.lane, timeline.HeadersSent, strconv.Itoa(status))
	if x.wire != nil {
		return x.wire.head(status, out)
	}
	x.w.WriteHeader(status)
	return nil
}

// Send sends a frame, after the opening frame if that is still missing.
func (x *exchange) Send(f Frame) error {
	if err := x.step(); err != nil {
		return err
	}
	if !x.started && f.Kind.needsStart() && !opensWith(x.enc, f) {
		if err := x.Send(Frame{Kind: FrameStart}); err != nil {
			return err
		}
	}
	if f.Kind == FrameStart || f.Kind.needsStart() {
		x.started = true
	}
	if f.Tool != nil {
		x.calls = max(x.calls, f.Tool.Index+1)
	}
	data, err := x.enc.Encode(f)
	if err != nil {
		return fmt.Errorf("frame %s: %w", f.Kind, err)
	}
	if len(data) == 0 {
		if f.Kind == FrameRefusal || f.Kind == FrameToolCall || !x.meta.Request.Stream && f.Kind.needsStart() {
			x.gathered = append(x.gathered, f)
		}
		return nil
	}
	if err := x.impliedHead(); err != nil {
		return err
	}
	return x.emit(f, data)
}

// Speak changes the protocol of the response.
func (x *exchange) Speak(p Protocol) error {
	if err := x.usable(); err != nil {
		return err
	}
	switch {
	case x.headSent:
		return ErrHeadSent
	case p.Name() == x.proto.Name():
		return fmt.Errorf("%w: %s", ErrSameProtocol, p.Name())
	}
	x.proto, x.enc = p, p.Encoder(x.meta)
	return nil
}

// emit passes the bytes of a frame through the filters. It records the frame when the first bytes
// are sent.
func (x *exchange) emit(f Frame, data []byte) error {
	left := false
	return x.filters.Frame(f, data, func(b []byte) error {
		if err := x.usable(); err != nil {
			return err
		}
		if !left {
			left = true
			x.recordGathered(f.Kind)
			x.record(f)
		}
		return x.write(b)
	})
}

// runEndHooks runs the AtEnd hooks once, in order. A client that left after the head is no error:
// it has what it wants.
func (x *exchange) runEndHooks() error {
	for hook := range x.filters.Hooks() {
		if err := hook(); err != nil && (!errors.Is(err, ErrPeerGone) || !x.headSent) {
			return err
		}
	}
	return nil
}

// Fail sends an error response, or an error frame after the head, and ends the exchange.
func (x *exchange) Fail(p Problem) error {
	if err := x.usable(); err != nil {
		return err
	}
	if x.headSent {
		if err := x.Send(Frame{Kind: FrameError, Problem: &p}); err != nil {
			return err
		}
		return x.End(EOF)
	}
	answer := x.proto.Problem(p, x.meta)
	if err := x.head(answer.Status, answer.Header, p.Header); err != nil {
		return err
	}
	if err := x.emit(Frame{Kind: FrameError, Problem: &p}, answer.Body); err != nil {
		return err
	}
	return x.End(EOF)
}

// quotedBytes is how many raw bytes a timeline event quotes.
const quotedBytes = 60

// Bytes sends raw bytes.
func (x *exchange) Bytes(b []byte) error {
	if err := x.step(); err != nil {
		return err
	}
	if err := x.impliedHead(); err != nil {
		return err
	}
	shown, more := b, ""
	if len(b) > quotedBytes {
		shown, more = b[:quotedBytes], fmt.Sprintf("… %d bytes", len(b))
	}
	x.rec.Record(x.lane, timeline.BytesSent, strconv.Quote(string(shown))+more)
	return x.write(b)
}

// Wait lets scenario time pass.
func (x *exchange) Wait(ctx context.Context, d time.Duration) error {
	if err := x.step(); err != nil {
		return err
	}
	wait, start := time.Duration(float64(d)*x.scale), time.Now()
	if x.timer == nil {
		x.timer = time.NewTimer(wait)
	} else {
		x.timer.Reset(wait)
	}
	defer x.timer.Stop()
	select {
	case <-x.timer.C:
		x.rec.Late(time.Since(start) - wait)
		return x.usable()
	case <-x.ctx.Done():
		return context.Cause(x.ctx) //nolint:wrapcheck // the sentinel must arrive as it is
	case <-ctx.Done():
		return context.Cause(ctx) //nolint:wrapcheck // likewise
	}
}

// impliedHead sends a head with status 200, unless a head has been sent.
func (x *exchange) impliedHead() error {
	if x.headSent {
		return nil
	}
	return x.head(http.StatusOK, x.enc.Header(), nil)
}

// write sends bytes of the body, without filters.
func (x *exchange) write(b []byte) error {
	x.wrote = x.wrote || len(b) > 0
	if x.wire != nil {
		return x.wire.body(b)
	}
	if _, err := x.w.Write(b); err != nil {
		return x.writeError(err)
	}
	return x.flush()
}

// flush makes net/http send what it has buffered.
func (x *exchange) flush() error {
	if x.wire != nil {
		return nil // a wire does not buffer
	}
	if err := x.rc.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return x.writeError(err)
	}
	return nil
}

// writeError returns ErrPeerGone for a failed write, or the cause of the context's end. An error
// of the script, such as a body that HTTP does not allow, is returned as it is.
func (x *exchange) writeError(err error) error {
	if errors.Is(err, http.ErrBodyNotAllowed) || errors.Is(err, http.ErrContentLength) {
		return fmt.Errorf("fakeprovider: %w", err)
	}
	if x.ctx.Err() != nil {
		return context.Cause(x.ctx) //nolint:wrapcheck // the sentinel must arrive as it is
	}
	return fmt.Errorf("%w: %w", ErrPeerGone, err)
}
