package fault

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// WrongWire answers in another vendor's protocol, which has to be one of the provider's
// Options.Others.
type WrongWire struct {
	// Protocol is the one that is spoken. Default anthropic-messages, or openai-chat where the
	// provider speaks that anyway.
	Protocol fakeprovider.ProtocolName `yaml:"protocol"`
}

var (
	_ fakeprovider.Overlay = WrongWire{}
	_ fakeprovider.Step    = WrongWire{}
)

// foreignProtocols returns the defaults in order: the first that is not the provider's own is
// spoken.
func foreignProtocols() []string { return []string{"anthropic-messages", "openai-chat"} }

// Info describes the fault.
func (WrongWire) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"M11"}, Name: "wrong-wire",
		Title: "The answer comes in another vendor's protocol",
		Why: "A fallback was pointed at a provider of another kind, or a gateway forgot to translate. Every field " +
			"that the client looks for is missing, which lenient decoders read as an empty answer.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Name the wrong protocol in an error, and ask the next provider.",
		},
		Issues:  []string{"https://github.com/BerriAI/litellm/issues/41385"},
		Default: WrongWire{},
	}
}

// Script translates a healthy answer.
func (p WrongWire) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p WrongWire) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play changes the protocol.
func (p WrongWire) Play(_ context.Context, x fakeprovider.Exchange) error {
	names := foreignProtocols()
	if p.Protocol != "" {
		names = []string{string(p.Protocol)}
	}
	for i, name := range names {
		others := x.Asked().Others
		at := slices.IndexFunc(others, func(p fakeprovider.Protocol) bool { return p.Name() == name })
		if at < 0 {
			return fmt.Errorf("wrong-wire: %w: %q", fakeprovider.ErrNoSuchProtocol, name)
		}
		if err := fakeprovider.Speak(x, others[at]); i == len(names)-1 ||
			!errors.Is(err, fakeprovider.ErrSameProtocol) {
			return err
		}
	}
	return nil
}
