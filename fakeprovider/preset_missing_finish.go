package fakeprovider

import "context"

// MissingFinish leaves the finish reason out.
type MissingFinish struct {
	// Done keeps the protocol's terminal mark. Default: it is missing as well.
	Done bool `yaml:"done"`
}

var (
	_ Overlay = MissingFinish{}
	_ Step    = MissingFinish{}
)

func missingFinishInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"S14"}, Name: "missing-finish",
		Title: "The stream ends in good order, and no finish reason has come",
		Why: "All of the text may be there, or a part of it: nothing tells. To take it for complete presents truncated answers as " +
			"whole ones.",
		Correct: "Truncated, unless this provider is known never to give a reason.",
		Issues: []string{
			"https://github.com/pydantic/pydantic-ai/issues/6610",
			"https://github.com/NousResearch/hermes-agent/issues/102766",
			"https://github.com/can1357/oh-my-pi/issues/9433",
		},
		StreamOnly: "a body has no events",
		Default:    MissingFinish{},
	}
}

// Script shortens an answer that is all right.
func (p MissingFinish) Script() Script { return under(p) }

// Lay arms the exchange.
func (p MissingFinish) Lay() Script { return Script{p} }

// Play arms the exchange.
func (p MissingFinish) Play(_ context.Context, x Exchange) error {
	x.Through(func(f Frame, data []byte, next func([]byte) error) error {
		if f.Kind == FrameFinish || f.Kind == FrameUsage || f.Kind == FrameDone && !p.Done {
			return nil
		}
		return next(data)
	})
	return nil
}
