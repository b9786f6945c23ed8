package fault

import (
	"cmp"
	"context"
	"strconv"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// WrongModel names another model than the requested one.
type WrongModel struct {
	// Model is the name in the response. Default "substitute-model".
	Model string `yaml:"model"`
}

var (
	_ fakeprovider.Overlay = WrongModel{}
	_ fakeprovider.Step    = WrongModel{}
)

const defaultModel = "substitute-model"

// Info describes the fault.
func (WrongModel) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"M6"}, Name: "wrong-model",
		Title: "The response names another model",
		Why: "A gateway has put a cheaper or older one in its place. Costs, limits and features are booked on a " +
			"model that did not answer.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Report the model that answered.",
		},
		Issues: []string{
			"https://github.com/agentgateway/agentgateway/issues/1361",
			"https://github.com/icebear0828/codex-proxy/issues/660",
			"https://github.com/openclaw/openclaw/issues/66132",
		},
		Default: WrongModel{Model: defaultModel},
	}
}

// Script renames the model of a healthy answer.
func (p WrongModel) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p WrongModel) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter. It renames the request's model wherever the response repeats it.
func (p WrongModel) Play(_ context.Context, x fakeprovider.Exchange) error {
	asked, named := strconv.Quote(x.Asked().Request.Model), strconv.Quote(cmp.Or(p.Model, defaultModel))
	x.Filters().Through(func(f fakeprovider.Frame, data []byte, next func([]byte) error) error {
		if f.Kind == fakeprovider.FrameError {
			return next(data)
		}
		return next(sse.EditJSON(data, func(text []byte) []sse.Edit {
			var edits []sse.Edit
			sse.WalkJSON(text, func(v sse.Value) bool {
				if v.Key != "" && string(text[v.Start:v.End]) == asked {
					edits = append(edits, sse.Edit{Start: v.Start, End: v.End, Text: named})
				}
				return true
			})
			return edits
		}))
	})
	return nil
}
