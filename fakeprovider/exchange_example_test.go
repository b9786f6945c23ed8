package fakeprovider_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

// tape is an Exchange without a provider, a network or a clock. It prints what is sent and when.
// Each frame is one line of JSON, which passes through the filters as a vendor's bytes would.
type tape struct {
	asked   fakeprovider.Asked
	filters fakeprovider.Filters
	now     time.Duration // scenario time since the request
	leaves  time.Duration // when the client goes away
	head    bool          // the head has been sent
	ended   bool
}

var _ fakeprovider.Exchange = (*tape)(nil)

// Asked returns the request.
func (t *tape) Asked() fakeprovider.Asked { return t.asked }

// Filters returns the filters of the response.
func (t *tape) Filters() *fakeprovider.Filters { return &t.filters }

// usable returns what every method returns once nothing can be sent any more.
func (t *tape) usable() error {
	switch {
	case t.ended:
		return fakeprovider.ErrEnded
	case t.now >= t.leaves:
		return fakeprovider.ErrPeerGone
	}
	return nil
}

// print shows one thing that was sent.
func (t *tape) print(b []byte) error {
	if err := t.usable(); err != nil {
		return err
	}
	fmt.Println(t.now, string(b))
	return nil
}

// Head prints the status, after the head filters.
func (t *tape) Head(status int, h http.Header) error {
	if t.head {
		return fakeprovider.ErrHeadSent
	}
	t.head = true
	if h == nil {
		h = http.Header{}
	}
	return t.print([]byte(strconv.Itoa(t.filters.Head(status, h))))
}

// impliedHead sends a head with status 200 if none has been sent.
func (t *tape) impliedHead() error {
	if t.head {
		return nil
	}
	return t.Head(http.StatusOK, nil)
}

// Send prints a frame, after the filters.
func (t *tape) Send(f fakeprovider.Frame) error {
	if err := t.impliedHead(); err != nil {
		return err
	}
	text := f.Text
	if f.Kind == fakeprovider.FrameError {
		text = strconv.Itoa(f.Failure().Status)
	}
	return t.filters.Frame(f, fmt.Appendf(nil, `{"%s":%q}`, f.Kind, text), t.print)
}

// Fail prints an error response, or an error frame after the head.
func (t *tape) Fail(p fakeprovider.Problem) error {
	if !t.head {
		if err := t.Head(p.Status, p.Header); err != nil {
			return err
		}
	}
	if err := t.Send(fakeprovider.Frame{Kind: fakeprovider.FrameError, Problem: &p}); err != nil {
		return err
	}
	return t.End(fakeprovider.EOF)
}

// Bytes prints bytes, past the filters.
func (t *tape) Bytes(b []byte) error {
	if err := t.impliedHead(); err != nil {
		return err
	}
	return t.print(b)
}

// End prints the ending, after the AtEnd hooks.
func (t *tape) End(e fakeprovider.Ending) error {
	if err := t.usable(); err != nil {
		return err
	}
	switch e {
	case fakeprovider.EOF:
		for hook := range t.filters.Hooks() {
			if err := hook(); err != nil {
				return err
			}
		}
	case fakeprovider.Hang:
		t.now = t.leaves
		return fakeprovider.ErrPeerGone
	case fakeprovider.Cut, fakeprovider.Reset:
	}
	if err := t.print([]byte(e.String())); err != nil {
		return err
	}
	t.ended = true
	return nil
}

// Wait moves the clock.
func (t *tape) Wait(ctx context.Context, d time.Duration) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	t.now = min(t.now+d, t.leaves)
	return t.usable()
}

// playTape plays a fault for a client that goes away after a while, and ends the response as a
// provider does.
func playTape(f fakeprovider.Fault, leaves time.Duration) {
	x := &tape{leaves: leaves, asked: fakeprovider.Asked{
		Provider: "primary", Request: fakeprovider.Request{Model: "any", Stream: true},
	}}
	err := f.Script().Play(context.Background(), x)
	if err == nil {
		err = x.End(fakeprovider.EOF)
	}
	if err != nil && !errors.Is(err, fakeprovider.ErrEnded) {
		fmt.Println(x.now, err)
	}
}

// Eight methods are enough to play faults in a unit test of one's own: tape prints what a provider
// would send, in no time at all.
func ExampleExchange() {
	fmt.Println("A stream that never ends, and a client that gives up:")
	playTape(fault.SlowTrickle{}, 2500*time.Millisecond)

	fmt.Println("A fault that filters the bytes of an answer:")
	playTape(fakeprovider.Together{fault.MalformedJSON{After: 1}, fakeprovider.Healthy{Text: "one two three"}},
		time.Minute)

	fmt.Println("A behaviour without a name:")
	playTape(fakeprovider.Script{
		fakeprovider.Text{Value: "so far"},
		fakeprovider.Wait{For: 30 * time.Second},
		fakeprovider.Fail{Status: http.StatusServiceUnavailable},
	}, time.Minute)

	// Output:
	// A stream that never ends, and a client that gives up:
	// 0s 200
	// 0s {"text":"one-primary"}
	// 1s {"text":" two-primary"}
	// 2s {"text":" three-primary"}
	// 2.5s fakeprovider: the client has gone away
	// A fault that filters the bytes of an answer:
	// 400ms 200
	// 400ms {"text":"one"}
	// 420ms {"text":" two"
	// 440ms {"text":" three"}
	// 440ms {"finish":"stop"}
	// 440ms {"usage":""}
	// 440ms {"done":""}
	// 440ms eof
	// A behaviour without a name:
	// 0s 200
	// 0s {"text":"so"}
	// 0s {"text":" far"}
	// 30s {"error":"503"}
	// 30s eof
}
