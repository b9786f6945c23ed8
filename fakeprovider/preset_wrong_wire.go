package fakeprovider

import (
	"context"
	"errors"
	"fmt"
)

// WrongWire answers in another vendor's protocol.
type WrongWire struct {
	// Protocol is the one that is spoken. Default anthropic-messages, or openai-chat where the provider speaks that anyway.
	Protocol string `yaml:"protocol"`
}

var (
	_ Overlay   = WrongWire{}
	_ Step      = WrongWire{}
	_ Validator = WrongWire{}
)

// foreignProtocols are spoken in that order where none was named: the first that is foreign.
func foreignProtocols() []string { return []string{"anthropic-messages", "openai-chat"} }

func wrongWireInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"M11"}, Name: "wrong-wire",
		Title: "The answer comes in another vendor's protocol",
		Why: "A fallback was pointed at a provider of another kind, or a gateway forgot to translate. Every field that the client " +
			"looks for is missing, which lenient decoders read as an empty answer.",
		Correct: "An error that says so, and the next provider.",
		Issues:  []string{"https://github.com/BerriAI/litellm/issues/41385"},
		Default: WrongWire{},
	}
}

// Validate refuses a protocol that does not exist.
func (p WrongWire) Validate() error {
	if p.Protocol == "" {
		return nil
	}
	if _, err := ProtocolByName(p.Protocol); err != nil {
		return fmt.Errorf("wrong-wire: %w", err)
	}
	return nil
}

// Script translates an answer that is all right.
func (p WrongWire) Script() Script { return under(p) }

// Lay arms the exchange.
func (p WrongWire) Lay() Script { return Script{p} }

// Play changes the protocol.
func (p WrongWire) Play(_ context.Context, x Exchange) error {
	names := foreignProtocols()
	if p.Protocol != "" {
		names = []string{p.Protocol}
	}
	for i, name := range names {
		protocol, err := ProtocolByName(name)
		if err != nil {
			return err
		}
		if err := x.Speak(protocol); i == len(names)-1 || !errors.Is(err, ErrSameProtocol) {
			return err
		}
	}
	return nil
}
