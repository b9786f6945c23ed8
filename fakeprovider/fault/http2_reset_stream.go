package fault

import (
	"cmp"
	"context"
	"errors"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// HTTP2ResetStream ends the stream with RST_STREAM.
type HTTP2ResetStream struct {
	// Code is the error, in the words of RFC 9113 §7: INTERNAL_ERROR, REFUSED_STREAM,
	// ENHANCE_YOUR_CALM, CANCEL and others. Default INTERNAL_ERROR.
	Code string `yaml:"code"`
	// After is how many pieces of the answer arrive before. Default 5. Of a response that is not
	// streamed only headers do.
	After int `yaml:"after"`
	// BeforeHeaders resets the stream before any header. Default: no.
	BeforeHeaders bool `yaml:"before_headers"`
}

var (
	_ fakeprovider.Overlay   = HTTP2ResetStream{}
	_ fakeprovider.Step      = HTTP2ResetStream{}
	_ fakeprovider.Validator = HTTP2ResetStream{}
	_ fakeprovider.Exclusive = HTTP2ResetStream{}
)

const defaultResetCode = "INTERNAL_ERROR"

// Info describes the fault.
func (HTTP2ResetStream) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C15"}, Name: "http2-reset-stream",
		Title: "HTTP/2 RST_STREAM ends the answer, and the connection lives on",
		Why: "Its text, \"stream error: stream ID 3; INTERNAL_ERROR\", stands in no list of errors worth a retry. " +
			"REFUSED_STREAM says that nothing was done, and clients repeat it by themselves; after content neither " +
			"is true.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note: "Retry if nothing was shown yet, else return an error or start over; never report " +
				"success.",
		},
		Issues: []string{"https://github.com/Exafunction/codeium/issues/147"},
		Needs:  fakeprovider.NeedsHTTP2, Default: HTTP2ResetStream{Code: defaultResetCode, After: defaultDropAfter},
	}
}

// Claims returns the end of the stream.
func (HTTP2ResetStream) Claims() string { return claimsStreamEnd }

// Validate refuses an unknown code and a negative number.
func (p HTTP2ResetStream) Validate() error {
	return errors.Join(atLeastOne("http2-reset-stream", "after", p.After),
		oneOf("http2-reset-stream", "code", p.Code, fakeprovider.HTTP2Codes()))
}

// Script resets a healthy answer.
func (p HTTP2ResetStream) Script() fakeprovider.Script {
	return fakeprovider.Over(p, fakeprovider.Healthy{})
}

// Lay returns the fault itself, as a step.
func (p HTTP2ResetStream) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play resets the stream when it is time.
func (p HTTP2ResetStream) Play(_ context.Context, x fakeprovider.Exchange) error {
	stream, err := fakeprovider.TakeHTTP2(x)
	if err != nil {
		return err
	}
	code := cmp.Or(p.Code, defaultResetCode)
	if p.BeforeHeaders {
		return stream.Reset(code)
	}
	x.Filters().Through(onContent(x, cmp.Or(p.After, defaultDropAfter)+1,
		func(fakeprovider.Frame, []byte, func([]byte) error) error { return stream.Reset(code) }))
	return nil
}

// Words returns the words that scenario files may use.
func (HTTP2ResetStream) Words() map[string][]string {
	return map[string][]string{"code": fakeprovider.HTTP2Codes()}
}
