package fakeprovider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
	"github.com/chaosrun/chaosrun/timeline"
)

// exchange is one request and its response over a http.ResponseWriter.
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

	// headSent and started say that the head and the opening frame have left.
	headSent, started bool
	// wrote says that something of the body has left.
	wrote bool
	// gathered are the frames of a response that is not streamed, until it leaves.
	gathered []Frame
	// calls is how many tool calls have begun.
	calls  int
	ending Ending
	// ended is the kind of event that ended it.
	endKind timeline.Kind
	// taken says that the connection is not net/http's any more.
	hijacked bool
	// wire is that connection, where a step took it.
	wire *Wire
	// last says that the connection carries no other exchange after this one.
	lastOnConn bool
	// filters are what the response goes through.
	filters Filters
	// http is the request as it came.
	http *http.Request
	// timer is used for one wait after the other: a script of heartbeats does little else.
	timer *time.Timer
}

var _ Exchange = (*exchange)(nil)

// usable is the first thing that every method asks.
func (x *exchange) usable() error {
	if x.ending != 0 {
		return ErrEnded
	}
	if x.ctx.Err() != nil {
		return context.Cause(x.ctx) //nolint:wrapcheck // the sentinel must arrive as it is
	}
	return nil
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

// Send sends a frame, and the opening frame before it where it is missing.
func (x *exchange) Send(f Frame) error {
	if err := x.usable(); err != nil {
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

// Speak changes the protocol.
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

// emit sends the bytes of a frame through the filters, and records it when they leave.
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

// beforeEnd runs the hooks of AtEnd. A client that is gone by then has what it wants.
func (x *exchange) runEndHooks() error {
	for hook := range x.filters.Hooks() {
		if err := hook(); err != nil && (!errors.Is(err, ErrPeerGone) || !x.headSent) {
			return err
		}
	}
	return nil
}

// recordGathered records the content that leaves together with a frame: all of it with the finish frame, the pieces of a
// call with any content.
func (x *exchange) recordGathered(now FrameKind) {
	if now != FrameFinish && !now.IsContent() {
		return
	}
	var stay []Frame
	for i := 0; i < len(x.gathered); {
		whole := x.gathered[i]
		if now != FrameFinish && whole.Kind != FrameToolCall {
			stay = append(stay, whole)
			i++
			continue
		}
		for i++; i < len(x.gathered) && x.gathered[i].Kind == whole.Kind && whole.Kind != FrameToolCall; i++ {
			whole.Text += x.gathered[i].Text
		}
		x.record(whole)
	}
	x.gathered = stay
}

func (x *exchange) record(f Frame) {
	kind, text := timeline.FrameSent, f.Kind.String()
	if f.empty() {
		x.rec.Record(x.lane, kind, text)
		return
	}
	switch f.Kind {
	case FrameText:
		kind, text = timeline.TextSent, f.Text
	case FrameThinking:
		kind, text = timeline.ThinkingSent, f.Text
	case FrameToolCall:
		kind, text = timeline.ToolCallSent, f.Tool.Name+f.Tool.ArgumentsPiece
	case FrameRefusal:
		kind, text = timeline.RefusalSent, f.Text
	case FrameHeartbeat, FrameComment:
		kind, text = timeline.HeartbeatSent, f.Text
	case FrameFinish:
		kind, text = timeline.FinishSent, cmp.Or(f.Text, "stop")
	case FrameError:
		kind, text = timeline.ProblemSent, problemText(f.Failure())
	case FrameStart, FrameUsage, FrameDone:
	}
	x.rec.Record(x.lane, kind, text)
}

// Fail sends an error response, or an error frame after the head has left, and ends.
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

func problemText(p Problem) string {
	return strings.Join(slices.DeleteFunc([]string{strconv.Itoa(p.Status), p.Shape, p.Code, p.Message}, func(s string) bool { return s == "" }), " ")
}

// quotedBytes is how much of raw bytes a timeline keeps.
const quotedBytes = 60

// Bytes sends bytes as they stand.
func (x *exchange) Bytes(b []byte) error {
	if err := x.usable(); err != nil {
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
	if err := x.usable(); err != nil {
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

func (x *exchange) impliedHead() error {
	if x.headSent {
		return nil
	}
	return x.head(http.StatusOK, x.enc.Header(), nil)
}

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

func (x *exchange) flush() error {
	if x.wire != nil {
		return nil // what is written there has left
	}
	if err := x.rc.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return x.writeError(err)
	}
	return nil
}

// gone tells a client that went away from a script that asks for what HTTP does not allow.
func (x *exchange) writeError(err error) error {
	if errors.Is(err, http.ErrBodyNotAllowed) || errors.Is(err, http.ErrContentLength) {
		return fmt.Errorf("fakeprovider: %w", err)
	}
	if x.ctx.Err() != nil {
		return context.Cause(x.ctx) //nolint:wrapcheck // the sentinel must arrive as it is
	}
	return fmt.Errorf("%w: %w", ErrPeerGone, err)
}
