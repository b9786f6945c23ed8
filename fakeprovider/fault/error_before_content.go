package fault

import (
	"cmp"
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// ErrorBeforeContent answers 200 and then sends an error.
type ErrorBeforeContent struct {
	// Status is the HTTP status that the error would have had, 400 to 599. Default 500.
	Status int `yaml:"status"`
	// Code picks one of several errors of a status, insufficient_quota for instance. Default: the
	// usual one.
	Code string `yaml:"code"`
	// Shape is the form of the error event, where the vendor has several (openai-responses: flat,
	// nested, failed). Default: the usual one.
	Shape string `yaml:"shape"`
	// Opened sends the opening frame before the error. Default: it is not sent.
	Opened bool `yaml:"opened"`
}

var (
	_ fakeprovider.Fault       = ErrorBeforeContent{}
	_ fakeprovider.Validator   = ErrorBeforeContent{}
	_ fakeprovider.NeedsFrames = ErrorBeforeContent{}
)

// Info describes the fault.
func (ErrorBeforeContent) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S17", "S20"}, Name: "error-before-content",
		Title: "The status is 200, and the first thing in the stream is an error",
		Why: "The retry and the fallback of most engines look at the status alone. Nothing was shown yet, so the " +
			"next provider could be asked and nobody would know.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Look at the stream before you pass it on: nothing was shown, so ask the next provider.",
		},
		Issues: []string{
			"https://github.com/BerriAI/litellm/issues/6957",
			"https://github.com/maximhq/bifrost/issues/5395",
			"https://github.com/BerriAI/litellm/pull/32835",
		},
		Default: ErrorBeforeContent{Status: http.StatusInternalServerError},
	}
}

// Validate refuses a status that is no error, and a shape that no vendor has.
func (p ErrorBeforeContent) Validate() error {
	return errorValid("error-before-content", p.fail())
}

// Script sends the headers and the error.
func (p ErrorBeforeContent) Script() fakeprovider.Script {
	script := fakeprovider.Script{fakeprovider.Respond{}, fakeprovider.Wait{For: fakeprovider.DefaultTTFT}}
	if p.Opened {
		script = append(script, fakeprovider.SendFrame{Kind: fakeprovider.FrameStart.String()})
	}
	return append(script, p.fail())
}

// NeededFrames returns the error in its shape.
func (p ErrorBeforeContent) NeededFrames() []fakeprovider.Frame {
	return []fakeprovider.Frame{errorFrame(p.fail())}
}

func (p ErrorBeforeContent) fail() fakeprovider.Fail {
	return fakeprovider.Fail{Status: cmp.Or(p.Status, http.StatusInternalServerError), Code: p.Code, Shape: p.Shape}
}

// Words returns the words that scenario files may use.
func (ErrorBeforeContent) Words() map[string][]string {
	return map[string][]string{"shape": fakeprovider.Shapes()}
}
