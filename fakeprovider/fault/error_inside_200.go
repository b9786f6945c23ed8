package fault

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// ErrorInside200 answers 200 with the body of an error.
type ErrorInside200 struct {
	// Type is what Content-Type says: json, or event-stream, which the body is not. Default json.
	Type string `yaml:"type"`
	// Status is the status that the error would have had, 400 to 599. Default 500.
	Status int `yaml:"status"`
	// Code picks one of the vendor's errors of that status. Default: the usual one.
	Code string `yaml:"code"`
}

var (
	_ fakeprovider.Fault     = ErrorInside200{}
	_ fakeprovider.Step      = ErrorInside200{}
	_ fakeprovider.Validator = ErrorInside200{}
)

// The values of ErrorInside200.Type.
const (
	typeJSON   = "json"
	typeStream = "event-stream"
)

// BodyTypes returns the values of ErrorInside200.Type.
func BodyTypes() []string { return []string{typeJSON, typeStream} }

// Info describes the fault.
func (ErrorInside200) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H16"}, Name: "error-inside-200", Title: "The status is 200, and the body is the vendor's error",
		Why: "Whoever goes by the status counts a success: the caller gets an empty answer, caches keep it, breakers " +
			"stay shut. A parser of events finds none in it and reports an empty stream, without an error.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Decide by the error inside, as if it had come with its own status.",
		},
		Issues:  []string{"https://github.com/ENTERPILOT/GoModel/pull/827"},
		Default: ErrorInside200{Type: typeJSON, Status: http.StatusInternalServerError},
	}
}

// Validate refuses a type that does not exist, and a status that is no error.
func (p ErrorInside200) Validate() error {
	return errors.Join(oneOf("error-inside-200", "type", p.Type, BodyTypes()),
		within("error-inside-200", "status", p.Status, 400, 599))
}

// Script changes the head, then sends the error.
func (p ErrorInside200) Script() fakeprovider.Script {
	return fakeprovider.Script{
		p, fakeprovider.Fail{Status: cmp.Or(p.Status, http.StatusInternalServerError), Code: p.Code},
	}
}

// Play changes the head.
func (p ErrorInside200) Play(_ context.Context, x fakeprovider.Exchange) error {
	x.Filters().ThroughHead(func(_ int, h http.Header) int {
		if p.Type == typeStream {
			sse.SetHeaders(h, http.Header{"Content-Type": {"text/event-stream; charset=utf-8"}})
		}
		return http.StatusOK
	})
	return nil
}

// Words returns the words that scenario files may use.
func (ErrorInside200) Words() map[string][]string {
	return map[string][]string{"type": BodyTypes()}
}
