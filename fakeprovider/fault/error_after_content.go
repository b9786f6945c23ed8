package fault

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// ErrorAfterContent begins the answer and then sends an error.
type ErrorAfterContent struct {
	// After is how many tokens arrive. Default 5.
	After int `yaml:"after"`
	// Status is the HTTP status that the error would have had, 400 to 599. Default 503.
	Status int `yaml:"status"`
	// Code picks one of several errors of a status, insufficient_quota for instance. Default: the
	// usual one.
	Code string `yaml:"code"`
	// Shape is the form of the error event, where the vendor has several (openai-responses: flat,
	// nested, failed). Default: the usual one.
	Shape string `yaml:"shape"`
}

var (
	_ fakeprovider.Fault       = ErrorAfterContent{}
	_ fakeprovider.Validator   = ErrorAfterContent{}
	_ fakeprovider.NeedsFrames = ErrorAfterContent{}
)

// Info describes the fault.
func (ErrorAfterContent) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S18", "S20"}, Name: "error-after-content",
		Title: "The stream breaks off with an error event in the middle of the answer",
		Why:   "Gateways have turned it into a finish reason of stop, and so presented the part as the whole.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Return an error, or try again behind a restart marker; never report a normal end.",
		},
		Issues: []string{
			"https://github.com/diegosouzapw/OmniRoute/issues/4177",
			"https://github.com/vercel/ai/issues/5217",
			"https://github.com/BerriAI/litellm/issues/24004",
		},
		Default: ErrorAfterContent{After: defaultDropAfter, Status: http.StatusServiceUnavailable},
	}
}

// Validate refuses a negative number, a status that is no error, and a shape that no vendor has.
func (p ErrorAfterContent) Validate() error {
	return errors.Join(atLeastOne("error-after-content", "after", p.After), errorValid("error-after-content", p.fail()))
}

// Script sends the tokens and the error.
func (p ErrorAfterContent) Script() fakeprovider.Script {
	return fakeprovider.Script{
		fakeprovider.Respond{},
		fakeprovider.Wait{For: fakeprovider.DefaultTTFT},
		fakeprovider.Text{Tokens: cmp.Or(p.After, defaultDropAfter), ITL: fakeprovider.DefaultITL},
		fakeprovider.Wait{For: fakeprovider.DefaultITL},
		p.fail(),
	}
}

// NeededFrames returns the error in its shape.
func (p ErrorAfterContent) NeededFrames() []fakeprovider.Frame {
	return []fakeprovider.Frame{errorFrame(p.fail())}
}

func (p ErrorAfterContent) fail() fakeprovider.Fail {
	return fakeprovider.Fail{Status: cmp.Or(p.Status, http.StatusServiceUnavailable), Code: p.Code, Shape: p.Shape}
}

// errorFrame returns the event that an error becomes after the head.
func errorFrame(s fakeprovider.Fail) fakeprovider.Frame {
	return fakeprovider.Frame{
		Kind:    fakeprovider.FrameError,
		Problem: &fakeprovider.Problem{Status: s.Status, Code: s.Code, Message: s.Message, Shape: s.Shape},
	}
}

// errorValid validates the error of a fault, and names the fault in what it returns.
func errorValid(fault string, s fakeprovider.Fail) error {
	if err := s.Validate(); err != nil {
		return fmt.Errorf("%s: %w", fault, err)
	}
	return nil
}

// Words returns the words that scenario files may use.
func (ErrorAfterContent) Words() map[string][]string {
	return map[string][]string{"shape": fakeprovider.Shapes()}
}
