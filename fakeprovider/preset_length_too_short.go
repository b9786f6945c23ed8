package fakeprovider

import (
	"cmp"
	"context"
)

// LengthTooShort announces a shorter body than comes.
type LengthTooShort struct {
	// Length is what Content-Length says, in bytes; it has to be fewer than the answer has. Default 256: the first event of
	// a stream is cut under every protocol.
	Length int `yaml:"length"`
}

var (
	_ Overlay   = LengthTooShort{}
	_ Step      = LengthTooShort{}
	_ Exclusive = LengthTooShort{}
	_ Validator = LengthTooShort{}
)

const defaultTooShort = 256

func lengthTooShortInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"H21"}, Name: "length-too-short", Title: "Content-Length announces less than comes",
		Why: "HTTP is content: the body is as long as announced, and no client gets an error. What it gets is the beginning of an answer " +
			"that ends without its terminal event. What comes after it may be taken for the next response.",
		Correct: "No terminal event, so no success: an error, and before content the next provider.",
		Issues:  []string{"https://github.com/nodejs/llhttp/issues/445"},
		HTTP1:   true, Default: LengthTooShort{Length: defaultTooShort},
	}
}

// Has says that it decides the framing.
func (LengthTooShort) Has() string { return hasFraming }

// Validate refuses what is no length, and what no answer is longer than.
func (p LengthTooShort) Validate() error {
	return sizeWithin("length-too-short", "length", p.Length, 1, mostBytes)
}

// Script damages an answer that is all right.
func (p LengthTooShort) Script() Script { return over(p, Healthy{}) }

// Lay takes the wire.
func (p LengthTooShort) Lay() Script { return Script{p} }

// Play sets the framing.
func (p LengthTooShort) Play(_ context.Context, x Exchange) error {
	wire, err := x.Wire()
	if err != nil {
		return err
	}
	wire.Frame("length-too-short", announced{length: cmp.Or(p.Length, defaultTooShort)})
	return nil
}
