package fakeprovider

import (
	"errors"
	"fmt"
)

// A Wired exchange can be written below HTTP. TakeWire and TakeHTTP2 ask for it.
type Wired interface {
	// Wire takes the connection from net/http, so that the response can be written and damaged below HTTP. It has to be
	// taken before the head; ErrNoWire says that it cannot be had, over HTTP/2 for instance.
	Wire() (*Wire, error)
	// HTTP2 returns the stream of HTTP/2 that the exchange is; ErrNoHTTP2 says that it is none of which the frames can be
	// had.
	HTTP2() (*HTTP2, error)
}

// A Translating exchange can answer otherwise than it was asked. Speak and Whole ask for it.
type Translating interface {
	// Speak answers in another protocol than the request's from here on. It has to be called before the head;
	// ErrSameProtocol says that it is the one that is spoken already.
	Speak(p Protocol) error
	// Whole answers from now on as if the client had asked for a response that is not streamed. It has to come before the
	// head: ErrHeadSent.
	Whole() error
}

var (
	_ Wired       = (*exchange)(nil)
	_ Translating = (*exchange)(nil)
)

// errOneWay says that an exchange is not Translating.
var errOneWay = fmt.Errorf("fakeprovider: the exchange answers as it was asked: %w", errors.ErrUnsupported)

// TakeWire takes the connection of an exchange, or returns ErrNoWire; see Wired.
func TakeWire(x Exchange) (*Wire, error) {
	if wired, ok := x.(Wired); ok {
		return wired.Wire() //nolint:wrapcheck // its own
	}
	return nil, ErrNoWire
}

// TakeHTTP2 returns the stream of HTTP/2 that an exchange is, or ErrNoHTTP2; see Wired.
func TakeHTTP2(x Exchange) (*HTTP2, error) {
	if wired, ok := x.(Wired); ok {
		return wired.HTTP2() //nolint:wrapcheck // its own
	}
	return nil, ErrNoHTTP2
}

// Speak answers in another protocol from here on, or returns errors.ErrUnsupported; see Translating.
func Speak(x Exchange, p Protocol) error {
	if t, ok := x.(Translating); ok {
		return t.Speak(p) //nolint:wrapcheck // its own
	}
	return errOneWay
}

// Whole answers from now on as if no stream had been asked for, or returns errors.ErrUnsupported; see Translating.
func Whole(x Exchange) error {
	if t, ok := x.(Translating); ok {
		return t.Whole() //nolint:wrapcheck // its own
	}
	return errOneWay
}
