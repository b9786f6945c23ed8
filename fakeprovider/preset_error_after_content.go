package fakeprovider

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
)

// ErrorAfterContent begins the answer and then sends an error.
type ErrorAfterContent struct {
	// After is how many tokens arrive. Default 5.
	After int `yaml:"after"`
	// Status is the HTTP status that the error would have had, 400 to 599. Default 503.
	Status int `yaml:"status"`
	// Code picks one of several errors of a status, insufficient_quota for instance. Default: the usual one.
	Code string `yaml:"code"`
	// Shape is the form of the error event, where the vendor has several (openai-responses: flat, nested, failed). Default: the
	// usual one.
	Shape string `yaml:"shape"`
}

var (
	_ Preset    = ErrorAfterContent{}
	_ Validator = ErrorAfterContent{}
	_ Sayer     = ErrorAfterContent{}
)

func errorAfterContentInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"S18", "S20"}, Name: "error-after-content",
		Title:   "The stream breaks off with an error event in the middle of the answer",
		Why:     "Gateways have turned it into a finish reason of stop, and so presented the part as the whole.",
		Correct: "An error, or another try behind a restart marker; never stop.",
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
	return errors.Join(notFewer("error-after-content", "after", p.After), errorValid("error-after-content", p.fail()))
}

// Script sends the tokens and the error.
func (p ErrorAfterContent) Script() Script {
	return Script{
		Respond{},
		Wait{For: defaultTTFT},
		Text{Tokens: cmp.Or(p.After, defaultDropAfter), ITL: defaultITL},
		Wait{For: defaultITL},
		p.fail(),
	}
}

// Says the error in its shape.
func (p ErrorAfterContent) Says() []Frame { return []Frame{p.fail().frame()} }

func (p ErrorAfterContent) fail() Fail {
	return Fail{Status: cmp.Or(p.Status, http.StatusServiceUnavailable), Code: p.Code, Shape: p.Shape}
}

// frame is the error event that it becomes after the head.
func (s Fail) frame() Frame {
	return Frame{Kind: FrameError, Problem: &Problem{Status: s.Status, Code: s.Code, Message: s.Message, Shape: s.Shape}}
}

// errorValid is a fault's own word for what its error refuses.
func errorValid(preset string, s Fail) error {
	if err := s.Validate(); err != nil {
		return fmt.Errorf("%s: %w", preset, err)
	}
	return nil
}
