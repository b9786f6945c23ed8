package fault

import (
	"cmp"
	"context"
	"errors"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// HTTP2GoAway ends the connection with GOAWAY.
type HTTP2GoAway struct {
	// Code is the error, in the words of RFC 9113 §7: NO_ERROR, INTERNAL_ERROR, ENHANCE_YOUR_CALM
	// and others. Default NO_ERROR: edges that retire a connection say that.
	Code string `yaml:"code"`
	// Stream is what becomes of the request's own stream: refused (it lies above the last stream
	// that GOAWAY names: it was not begun, and the streams before it go on), finished (it is the
	// last, and goes on to its end) or cut (the connection is closed with it). Default cut. Go's
	// net/http sends what was refused again without a pause for as long as it is refused: limit
	// that with first or nth.
	Stream string `yaml:"stream"`
	// After is how many pieces of the answer arrive before. Default 5. Of a refused stream none
	// does, and of a response that is not streamed only headers.
	After int `yaml:"after"`
}

var (
	_ fakeprovider.Overlay   = HTTP2GoAway{}
	_ fakeprovider.Step      = HTTP2GoAway{}
	_ fakeprovider.Validator = HTTP2GoAway{}
	_ fakeprovider.Exclusive = HTTP2GoAway{}
)

const (
	defaultGoAwayCode = "NO_ERROR"

	streamRefused  = "refused"
	streamFinished = "finished"
	streamCut      = "cut"
)

// GoAwayStreams returns the values of HTTP2GoAway.Stream.
func GoAwayStreams() []string { return []string{streamRefused, streamFinished, streamCut} }

// Info describes the fault.
func (HTTP2GoAway) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C16"}, Name: "http2-goaway",
		Title: "HTTP/2 GOAWAY retires the connection that a request came on",
		Why: "GOAWAY says exactly which requests were not begun and can be sent again. Engines that know it for an " +
			"error of the network fail them, fail the streams that were to be finished, or use the retired " +
			"connection again.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note: "Send again, on a new connection, only what the peer had not begun; let the other " +
				"streams go on.",
		},
		Issues: []string{
			"https://github.com/atomantic/PortOS/pull/7605",
			"https://github.com/github/copilot-cli/issues/2421",
		},
		Needs:   fakeprovider.NeedsHTTP2,
		Default: HTTP2GoAway{Code: defaultGoAwayCode, Stream: streamCut, After: defaultDropAfter},
	}
}

// Claims returns the end of the stream.
func (HTTP2GoAway) Claims() string { return claimsStreamEnd }

// Validate refuses unknown words and a negative number.
func (p HTTP2GoAway) Validate() error {
	return errors.Join(
		atLeastOne("http2-goaway", "after", p.After),
		oneOf("http2-goaway", "code", p.Code, fakeprovider.HTTP2Codes()),
		oneOf("http2-goaway", "stream", p.Stream, GoAwayStreams()),
	)
}

// Script ends the connection of a healthy answer.
func (p HTTP2GoAway) Script() fakeprovider.Script {
	return fakeprovider.Over(p, fakeprovider.Healthy{})
}

// Lay returns the fault itself, as a step.
func (p HTTP2GoAway) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play sends GOAWAY when it is time.
func (p HTTP2GoAway) Play(_ context.Context, x fakeprovider.Exchange) error {
	stream, err := fakeprovider.TakeHTTP2(x)
	if err != nil {
		return err
	}
	code := cmp.Or(p.Code, defaultGoAwayCode)
	if p.Stream == streamRefused {
		return stream.Refuse(code)
	}
	x.Filters().Through(onContent(x, cmp.Or(p.After, defaultDropAfter)+1,
		func(_ fakeprovider.Frame, data []byte, next func([]byte) error) error {
			if cmp.Or(p.Stream, streamCut) == streamCut {
				return stream.Close(code)
			}
			if err := stream.GoAway(code); err != nil {
				return err
			}
			return next(data)
		}))
	return nil
}

// Words returns the words that scenario files may use.
func (HTTP2GoAway) Words() map[string][]string {
	return map[string][]string{"code": fakeprovider.HTTP2Codes(), "stream": GoAwayStreams()}
}
