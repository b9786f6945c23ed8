package fault

import (
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// MissingFinish omits the finish reason.
type MissingFinish struct {
	// Done keeps the protocol's terminal mark. Default: it is missing as well.
	Done bool `yaml:"done"`
}

var (
	_ fakeprovider.Overlay = MissingFinish{}
	_ fakeprovider.Step    = MissingFinish{}
)

// Info describes the fault.
func (MissingFinish) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S14"}, Name: "missing-finish",
		Title: "The stream ends in good order, and no finish reason has come",
		Why: "All of the text may be there, or a part of it: nothing tells. To take it for complete presents " +
			"truncated answers as whole ones.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.AnswerFromAny,
			Note: "Treat a stream that ends without a finish reason as a failure, unless the provider " +
				"never gives one.",
		},
		Issues: []string{
			"https://github.com/pydantic/pydantic-ai/issues/6610",
			"https://github.com/NousResearch/hermes-agent/issues/102766",
			"https://github.com/can1357/oh-my-pi/issues/9433",
		},
		StreamOnly: "a body has no events",
		Default:    MissingFinish{},
	}
}

// Script shortens a healthy answer.
func (p MissingFinish) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p MissingFinish) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter.
func (p MissingFinish) Play(_ context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(func(f fakeprovider.Frame, data []byte, next func([]byte) error) error {
		if f.Kind == fakeprovider.FrameFinish || f.Kind == fakeprovider.FrameUsage ||
			f.Kind == fakeprovider.FrameDone && !p.Done {
			return nil
		}
		return next(data)
	})
	return nil
}
