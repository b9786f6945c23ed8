package fakeprovider

import (
	"cmp"
	"context"
	"strconv"
)

// WrongModel names another model than the one that was asked for.
type WrongModel struct {
	// Model is the name in the response. Default "substitute-model".
	Model string `yaml:"model"`
}

var (
	_ Overlay = WrongModel{}
	_ Step    = WrongModel{}
)

const defaultModel = "substitute-model"

func wrongModelInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"M6"}, Name: "wrong-model",
		Title: "The response names another model",
		Why: "A gateway has put a cheaper or older one in its place. Costs, limits and features are booked on a model that did not " +
			"answer.",
		Correct: "Report the model that answered.",
		Issues: []string{
			"https://github.com/agentgateway/agentgateway/issues/1361",
			"https://github.com/icebear0828/codex-proxy/issues/660",
			"https://github.com/openclaw/openclaw/issues/66132",
		},
		Default: WrongModel{Model: defaultModel},
	}
}

// Script renames the model of an answer that is all right.
func (p WrongModel) Script() Script { return under(p) }

// Lay arms the exchange.
func (p WrongModel) Lay() Script { return Script{p} }

// Play arms the exchange. Wherever the response repeats the request's model, it names the other one.
func (p WrongModel) Play(_ context.Context, x Exchange) error {
	asked, named := strconv.Quote(x.Request().Model), strconv.Quote(cmp.Or(p.Model, defaultModel))
	x.Through(func(f Frame, data []byte, next func([]byte) error) error {
		if f.Kind == FrameError {
			return next(data)
		}
		return next(editJSON(data, func(text []byte) []edit {
			var edits []edit
			walkJSON(text, func(v jsonValue) bool {
				if v.key != "" && string(text[v.start:v.end]) == asked {
					edits = append(edits, edit{v.start, v.end, named})
				}
				return true
			})
			return edits
		}))
	})
	return nil
}
