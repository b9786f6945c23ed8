package fault

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// BareError begins the answer and then sends an error outside any event.
type BareError struct {
	// After is how many tokens arrive. Default 5.
	After int `yaml:"after"`
	// Status is the HTTP status that the error would have had, 400 to 599. Default 503.
	Status int `yaml:"status"`
}

var (
	_ fakeprovider.Fault     = BareError{}
	_ fakeprovider.Validator = BareError{}
)

// Info describes the fault.
func (BareError) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S19"}, Name: "bare-error",
		Title: "After the events comes a block of JSON over several lines, without data:",
		Why: "A parser of events skips lines whose field it does not know, and with them the only word about the " +
			"failure. What is left looks like an answer that has ended.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Take a block that is no event for the error that it is.",
		},
		Issues:  []string{"https://github.com/vercel/ai/issues/5217"},
		Default: BareError{After: defaultDropAfter, Status: http.StatusServiceUnavailable},
	}
}

// Validate refuses a negative number and a status that is no error.
func (p BareError) Validate() error {
	return errors.Join(atLeastOne("bare-error", "after", p.After), errorValid("bare-error", p.fail()))
}

// Script sends the tokens and the error.
func (p BareError) Script() fakeprovider.Script {
	return append(fakeprovider.Script{bareErrors{}},
		ErrorAfterContent{After: p.After, Status: p.fail().Status}.Script()...)
}

func (p BareError) fail() fakeprovider.Fail {
	return fakeprovider.Fail{Status: cmp.Or(p.Status, http.StatusServiceUnavailable)}
}

// bareErrors strips the event framing from errors and spreads their JSON over several lines.
type bareErrors struct{}

// Play installs the filter.
func (bareErrors) Play(_ context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(func(f fakeprovider.Frame, data []byte, next func([]byte) error) error {
		if f.Kind == fakeprovider.FrameError && sse.IsEvents(data) {
			data = bare(data)
		}
		return next(data)
	})
	return nil
}

func bare(data []byte) []byte {
	end := sse.LineEnd(data)
	return sse.EachLine(data, func(l sse.Line) []byte {
		text, ok := bytes.CutPrefix(l.Text, []byte("data:"))
		if !ok && len(l.Text) > 0 {
			return nil // the event's name
		}
		var lines bytes.Buffer
		if text = bytes.TrimSpace(text); json.Indent(&lines, text, "", "  ") == nil {
			text = bytes.ReplaceAll(lines.Bytes(), []byte("\n"), end)
		}
		return append(bytes.Clone(text), l.End...)
	})
}
