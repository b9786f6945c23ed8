package fakeprovider

import (
	"context"
	"errors"
	"time"
)

// Think sends a piece of the model's reasoning, token by token as `text` does. openai-chat and
// azure-openai do not show theirs, so there the run is unknown. In scenarios its name is
// `thinking`.
type Think struct {
	// Value is the reasoning. Required.
	Value string `yaml:"value"`
	// ITL is the inter-token latency, as `text` has it. 0 sends all tokens at one instant.
	ITL time.Duration `yaml:"itl"`
	// Tokens is the number of tokens sent, as `text` has it. 0 sends the value once.
	Tokens int `yaml:"tokens"`
}

var (
	_ Step      = Think{}
	_ Validator = Think{}
)

// Validate refuses negative numbers and an empty value.
func (s Think) Validate() error {
	errs := []error{notNegativeTokens("thinking", s.ITL, s.Tokens)}
	if s.Value == "" {
		errs = append(errs, errors.New("thinking: value is empty"))
	}
	return errors.Join(errs...)
}

// Play sends the tokens.
func (s Think) Play(ctx context.Context, x Exchange) error {
	return sendTokens(ctx, x, FrameThinking, s.Value, s.ITL, s.Tokens)
}
