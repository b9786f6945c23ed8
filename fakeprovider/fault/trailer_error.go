package fault

import (
	"cmp"
	"context"
	"fmt"
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// TrailerError sends a complete answer, and an error in the trailers after it, as gRPC does.
type TrailerError struct {
	// Code is what Grpc-Status says, 1 to 16. Default 14, unavailable.
	Code int `yaml:"code"`
}

var (
	_ fakeprovider.Overlay   = TrailerError{}
	_ fakeprovider.Step      = TrailerError{}
	_ fakeprovider.Exclusive = TrailerError{}
	_ fakeprovider.Validator = TrailerError{}
)

const defaultGRPCCode = 14

// Info describes the fault.
func (TrailerError) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H25"}, Name: "trailer-error", Title: "An error stands in the trailers after the body",
		Why: "A gateway that speaks gRPC behind itself learns of a failure after the status has left. Hardly any " +
			"client reads trailers; one that does may take a whole answer for a failed one and pay for it again.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Decide by the body: take an answer that has its terminal event.",
		},
		Issues: []string{"https://github.com/buildbuddy-io/buildbuddy/pull/6578"},
		HTTP1:  true, Default: TrailerError{Code: defaultGRPCCode},
	}
}

// Claims returns the framing.
func (TrailerError) Claims() string { return claimsFraming }

// Validate refuses what is no error code of gRPC.
func (p TrailerError) Validate() error { return within("trailer-error", "code", p.Code, 1, 16) }

// Script sends trailers after a healthy answer.
func (p TrailerError) Script() fakeprovider.Script {
	return fakeprovider.Over(p, fakeprovider.Healthy{})
}

// Lay returns the fault itself, as a step.
func (p TrailerError) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play sets the framing.
func (p TrailerError) Play(_ context.Context, x fakeprovider.Exchange) error {
	wire, err := fakeprovider.TakeWire(x)
	if err != nil {
		return err
	}
	wire.SetFraming("trailer-error", trailing{code: cmp.Or(p.Code, defaultGRPCCode)})
	return nil
}

// trailing is a chunked framing with trailers.
type trailing struct {
	fakeprovider.Chunked

	code int
}

// Head announces the trailers.
func (t trailing) Head(status int, h http.Header) []byte {
	sse.SetHeaders(h, http.Header{"Trailer": {"Grpc-Status, Grpc-Message"}})
	return t.Chunked.Head(status, h)
}

// End returns the chunk of length 0 and the trailers.
func (t trailing) End() []byte {
	return fmt.Appendf(nil, "0\r\nGrpc-Status: %d\r\nGrpc-Message: upstream failed after the response\r\n\r\n", t.code)
}
