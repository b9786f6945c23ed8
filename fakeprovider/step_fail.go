package fakeprovider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// Fail answers with the vendor's error response: status, headers and body. After the head it
// sends the vendor's error event instead. Both end the response. In scenarios its name is
// `problem`.
type Fail struct {
	// Status is 400 to 599. Required.
	Status int `yaml:"status"`
	// Code picks one of several errors of a status, insufficient_quota for instance, or edge_page
	// for the HTML page of the vendor's edge. Empty is the usual one.
	Code string `yaml:"code"`
	// Message replaces the vendor's message.
	Message string `yaml:"message"`
	// Shape is the form of an error event, if the vendor has several (openai-responses: flat,
	// nested, failed). Empty is the usual one.
	Shape string `yaml:"shape"`
	// RetryAfter is the value of the Retry-After header, sent as it is. Empty sends none.
	RetryAfter string `yaml:"retry_after"`
	// Headers replace the vendor's, whatever their case. An empty value removes one.
	Headers map[string]string `yaml:"headers"`
}

var (
	_ Step      = Fail{}
	_ Validator = Fail{}
)

// Validate refuses a status that is no error, and headers that contradict each other.
func (s Fail) Validate() error {
	var errs []error
	if s.Status < 400 || s.Status > 599 {
		errs = append(errs, fmt.Errorf("problem: status is %d, want 400 to 599", s.Status))
	}
	if s.Shape != "" && !slices.Contains(Shapes(), s.Shape) {
		errs = append(errs, fmt.Errorf("problem: shape is %q, want one of %s", s.Shape, strings.Join(Shapes(), ", ")))
	}
	if h := sse.Header(s.Headers); s.RetryAfter != "" && h.Get("Retry-After") != "" {
		errs = append(errs, errors.New("problem: retry_after stands among the headers too"))
	}
	errs = append(errs, checkHeaders("problem", s.Headers),
		checkHeaders("problem", map[string]string{"Retry-After": s.RetryAfter}))
	return errors.Join(errs...)
}

// Play sends the error and ends the response.
func (s Fail) Play(_ context.Context, x Exchange) error {
	h := sse.Header(s.Headers)
	if s.RetryAfter != "" {
		h.Set("Retry-After", s.RetryAfter)
	}
	return x.Fail(Problem{Status: s.Status, Code: s.Code, Message: s.Message, Shape: s.Shape, Header: h})
}

// Words returns the shapes.
func (Fail) Words() map[string][]string {
	return map[string][]string{"shape": Shapes()}
}
