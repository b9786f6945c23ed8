package fakeprovider

import (
	"fmt"
	"math/rand/v2"
)

// A NeedsFrames fault consists of certain frames. It cannot happen in a protocol without them.
type NeedsFrames interface {
	Fault
	// NeededFrames returns the frames, in the order in which they are sent.
	NeededFrames() []Frame
}

// A CannotSayError reports a fault that cannot happen in a protocol, or in a response that is not
// streamed. It wraps ErrNoSuchFrame.
type CannotSayError struct {
	Fault, Protocol string
	Why             string
}

// Error names the fault, the protocol and the reason.
func (e *CannotSayError) Error() string {
	return fmt.Sprintf("the fault %s cannot be had in %s: %s", e.Fault, e.Protocol, e.Why)
}

// Unwrap returns ErrNoSuchFrame.
func (e *CannotSayError) Unwrap() error { return ErrNoSuchFrame }

// CannotSay returns a *CannotSayError if a part of a fault cannot happen in the response to a
// request, else nil. It finds out by encoding the frames, so that no fault knows a protocol and no
// protocol knows a fault.
func CannotSay(p Fault, protocol Protocol, r Request) error {
	for _, part := range Parts(p) {
		info, _ := infoOf(part)
		if info.StreamOnly != "" && !r.Stream {
			return &CannotSayError{Fault: info.Name, Protocol: "a response that is not streamed", Why: info.StreamOnly}
		}
		if s, ok := part.(NeedsFrames); ok {
			if why := cannotSay(s.NeededFrames(), protocol, r); why != "" {
				return &CannotSayError{Fault: info.Name, Protocol: protocol.Name(), Why: why}
			}
		}
	}
	return nil
}

// cannotSay returns the reason why a protocol cannot encode frames. Frames that leave no bytes in
// a stream are such a reason too.
func cannotSay(frames []Frame, protocol Protocol, r Request) (why string) {
	e := protocol.Encoder(Meta{Request: r, Rand: rand.New(rand.NewPCG(0, 0))}) // its bytes are thrown away
	if _, err := e.Encode(Frame{Kind: FrameStart}); err != nil {
		return err.Error()
	}
	said := 0
	for _, f := range frames {
		data, err := e.Encode(f)
		if err != nil {
			return fmt.Sprintf("a frame of the kind %s: %v", f.Kind, err)
		}
		said += len(data)
	}
	if said == 0 && r.Stream && len(frames) > 0 {
		return fmt.Sprintf("it says nothing where others send a frame of the kind %s", frames[len(frames)-1].Kind)
	}
	return ""
}
