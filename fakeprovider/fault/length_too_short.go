package fault

import (
	"cmp"
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// LengthTooShort announces a shorter body than comes.
type LengthTooShort struct {
	// Length is what Content-Length says, in bytes; it has to be fewer than the answer has.
	// Default 256: the first event of a stream is cut under every protocol.
	Length int `yaml:"length"`
}

var (
	_ fakeprovider.Overlay   = LengthTooShort{}
	_ fakeprovider.Step      = LengthTooShort{}
	_ fakeprovider.Exclusive = LengthTooShort{}
	_ fakeprovider.Validator = LengthTooShort{}
)

const defaultTooShort = 256

// Info describes the fault.
func (LengthTooShort) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H21"}, Name: "length-too-short", Title: "Content-Length announces less than comes",
		Why: "HTTP is content: the body is as long as announced, and no client gets an error. What it gets is the " +
			"beginning of an answer that ends without its terminal event. What comes after it may be taken for the " +
			"next response.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note: "Treat an answer without its terminal event as a failure; before content, ask the " +
				"next provider.",
		},
		Issues: []string{"https://github.com/nodejs/llhttp/issues/445"},
		HTTP1:  true, Default: LengthTooShort{Length: defaultTooShort},
	}
}

// Claims returns the framing.
func (LengthTooShort) Claims() string { return claimsFraming }

// Validate refuses lengths out of range.
func (p LengthTooShort) Validate() error {
	return within("length-too-short", "length", p.Length, 1, mostBytes)
}

// Script damages a healthy answer.
func (p LengthTooShort) Script() fakeprovider.Script {
	return fakeprovider.Over(p, fakeprovider.Healthy{})
}

// Lay returns the fault itself, as a step.
func (p LengthTooShort) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play sets the framing.
func (p LengthTooShort) Play(_ context.Context, x fakeprovider.Exchange) error {
	wire, err := fakeprovider.TakeWire(x)
	if err != nil {
		return err
	}
	wire.SetFraming("length-too-short", announced{length: cmp.Or(p.Length, defaultTooShort)})
	return nil
}
