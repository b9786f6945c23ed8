package fault

import (
	"cmp"
	"errors"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// WhitespaceBeforeJSON keeps the response open with empty lines before its body.
type WhitespaceBeforeJSON struct {
	// Every is the time between empty lines. Default 15s.
	Every time.Duration `yaml:"every"`
	// Times is how many there are before the body. Default 3.
	Times int `yaml:"times"`
	// Status ends with an error in place of the answer, 400 to 599. Default: the answer.
	Status int `yaml:"status"`
}

var (
	_ fakeprovider.Fault     = WhitespaceBeforeJSON{}
	_ fakeprovider.Validator = WhitespaceBeforeJSON{}
)

const (
	defaultEmptyLine  = 15 * time.Second
	defaultEmptyLines = 3
)

// Info describes the fault.
func (WhitespaceBeforeJSON) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S25"}, Name: "whitespace-before-json",
		Title: "Empty lines keep the response open, then the body or an error comes",
		Why: "The status was 200 at once, whatever comes later. Each line is traffic to a timeout, and a JSON reader " +
			"is content with white space for hours.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.AnswerFromAny,
			Note:     "Set a deadline on the whole response, and take an error in the body for one.",
		},
		Issues: []string{
			"https://github.com/agent37-platform/gateway/pull/6",
			"https://github.com/jundot/omlx/pull/2072",
			"https://github.com/BerriAI/litellm/issues/14953",
		},
		Default: WhitespaceBeforeJSON{Every: defaultEmptyLine, Times: defaultEmptyLines},
	}
}

// Validate refuses negative numbers and a status that is no error.
func (p WhitespaceBeforeJSON) Validate() error {
	errs := []error{
		notNegative("whitespace-before-json", "every", p.Every), atLeastOne("whitespace-before-json", "times", p.Times),
	}
	if p.Status != 0 {
		errs = append(errs, errorValid("whitespace-before-json", fakeprovider.Fail{Status: p.Status}))
	}
	return errors.Join(errs...)
}

// Script sends the headers, the lines and the rest.
func (p WhitespaceBeforeJSON) Script() fakeprovider.Script {
	every := cmp.Or(p.Every, defaultEmptyLine)
	script := fakeprovider.Script{fakeprovider.Respond{}, fakeprovider.Wait{For: every}, fakeprovider.Repeat{
		Times: cmp.Or(p.Times, defaultEmptyLines), Every: every,
		Steps: fakeprovider.Script{fakeprovider.Raw{Value: "\n"}},
	}}
	if p.Status != 0 {
		return append(script, fakeprovider.Wait{For: every}, fakeprovider.Fail{Status: p.Status})
	}
	return append(script, fakeprovider.Healthy{}.Script()...)
}
