package fakeprovider

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// BareError begins the answer and then sends an error that is no event.
type BareError struct {
	// After is how many tokens arrive. Default 5.
	After int `yaml:"after"`
	// Status is the HTTP status that the error would have had, 400 to 599. Default 503.
	Status int `yaml:"status"`
}

var (
	_ Preset    = BareError{}
	_ Validator = BareError{}
)

func bareErrorInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"S19"}, Name: "bare-error",
		Title: "After the events comes a block of JSON over several lines, without data:",
		Why: "A parser of events skips lines whose field it does not know, and with them the only word about the failure. What is " +
			"left looks like an answer that has ended.",
		Correct: "Take a block that is no event for the error that it is.",
		Issues:  []string{"https://github.com/vercel/ai/issues/5217"},
		Default: BareError{After: defaultDropAfter, Status: http.StatusServiceUnavailable},
	}
}

// Validate refuses a negative number and a status that is no error.
func (p BareError) Validate() error {
	return errors.Join(notFewer("bare-error", "after", p.After), errorValid("bare-error", p.fail()))
}

// Script sends the tokens and the error.
func (p BareError) Script() Script {
	return append(Script{bareErrors{}}, ErrorAfterContent{After: p.After, Status: p.fail().Status}.Script()...)
}

func (p BareError) fail() Fail {
	return Fail{Status: cmp.Or(p.Status, http.StatusServiceUnavailable)}
}

// bareErrors takes the events away from around errors, and spreads their JSON over several lines.
type bareErrors struct{}

// Play arms the exchange.
func (bareErrors) Play(_ context.Context, x Exchange) error {
	x.Through(func(f Frame, data []byte, next func([]byte) error) error {
		if f.Kind == FrameError && isEvents(data) {
			data = bare(data)
		}
		return next(data)
	})
	return nil
}

func bare(data []byte) []byte {
	end := lineEndOf(data)
	return eachLine(data, func(l line) []byte {
		text, ok := bytes.CutPrefix(l.text, []byte("data:"))
		if !ok && len(l.text) > 0 {
			return nil // the event's name
		}
		var lines bytes.Buffer
		if text = bytes.TrimSpace(text); json.Indent(&lines, text, "", "  ") == nil {
			text = bytes.ReplaceAll(lines.Bytes(), []byte("\n"), end)
		}
		return append(bytes.Clone(text), l.end...)
	})
}
