package fakeprovider

import (
	"context"
	"errors"
	"time"
)

// Refuse sends a piece of the model's refusal, token by token as `text` does. Finish with
// content_filter after it. gemini has no frame for a refusal, so there the run is unknown. In
// scenarios its name is `refusal`.
type Refuse struct {
	// Value is the refusal. Required.
	Value string `yaml:"value"`
	// ITL is the inter-token latency, as `text` has it. 0 sends all tokens at one instant.
	ITL time.Duration `yaml:"itl"`
	// Tokens is the number of tokens sent, as `text` has it. 0 sends the value once.
	Tokens int `yaml:"tokens"`
}

var (
	_ Step      = Refuse{}
	_ Validator = Refuse{}
)

// Validate refuses negative numbers and an empty refusal.
func (s Refuse) Validate() error {
	errs := []error{notNegativeTokens("refusal", s.ITL, s.Tokens)}
	if s.Value == "" {
		errs = append(errs, errors.New("refusal: value is empty"))
	}
	return errors.Join(errs...)
}

// Play sends the tokens.
func (s Refuse) Play(ctx context.Context, x Exchange) error {
	return sendTokens(ctx, x, FrameRefusal, s.Value, s.ITL, s.Tokens)
}
