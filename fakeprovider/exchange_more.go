package fakeprovider

import (
	"errors"
	"fmt"
)

// A Wired exchange can be written below HTTP. Steps call TakeWire and TakeHTTP2 rather than these
// methods.
type Wired interface {
	// Wire takes the connection from net/http, so that the response can be written and damaged
	// below HTTP. Call it before the head is sent. It returns ErrNoWire if the connection cannot
	// be taken, over HTTP/2 for instance.
	Wire() (*Wire, error)
	// HTTP2 returns the exchange's HTTP/2 stream, or ErrNoHTTP2 if its frames are out of reach.
	HTTP2() (*HTTP2, error)
}

// A Translating exchange can answer otherwise than it was asked. Steps call Speak and Whole
// rather than these methods.
type Translating interface {
	// Speak changes the protocol of the response. It returns ErrHeadSent after the head, and
	// ErrSameProtocol if the provider already speaks p.
	Speak(p Protocol) error
	// Whole makes the response a non-streamed one, whatever the client asked for. It returns
	// ErrHeadSent after the head.
	Whole() error
}

var (
	_ Wired       = (*exchange)(nil)
	_ Translating = (*exchange)(nil)
)

// errOneWay reports that an exchange is not Translating.
var errOneWay = fmt.Errorf("fakeprovider: the exchange answers as it was asked: %w", errors.ErrUnsupported)

// TakeWire returns the connection of an exchange; see Wired. It returns ErrNoWire if the exchange
// is not Wired.
func TakeWire(x Exchange) (*Wire, error) {
	if wired, ok := x.(Wired); ok {
		return wired.Wire() //nolint:wrapcheck // its own
	}
	return nil, ErrNoWire
}

// TakeHTTP2 returns the HTTP/2 stream of an exchange; see Wired. It returns ErrNoHTTP2 if the
// exchange is not Wired.
func TakeHTTP2(x Exchange) (*HTTP2, error) {
	if wired, ok := x.(Wired); ok {
		return wired.HTTP2() //nolint:wrapcheck // its own
	}
	return nil, ErrNoHTTP2
}

// Speak changes the protocol of a response; see Translating. It returns errors.ErrUnsupported if
// the exchange is not Translating.
func Speak(x Exchange, p Protocol) error {
	if t, ok := x.(Translating); ok {
		return t.Speak(p) //nolint:wrapcheck // its own
	}
	return errOneWay
}

// Whole makes a response a non-streamed one; see Translating. It returns errors.ErrUnsupported if
// the exchange is not Translating.
func Whole(x Exchange) error {
	if t, ok := x.(Translating); ok {
		return t.Whole() //nolint:wrapcheck // its own
	}
	return errOneWay
}
