package fakeprovider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Text sends a piece of the answer, token by token. A token is a word with the space before it.
type Text struct {
	// Value is the text. Clients receive exactly it, in pieces. Default: words that name the
	// provider (Canary).
	Value string `yaml:"value"`
	// ITL is the inter-token latency: the time between one token and the next. 0 sends all of
	// them at one instant.
	ITL time.Duration `yaml:"itl"`
	// Tokens is the number of tokens sent. A shorter value is repeated after a space, a longer
	// one is cut off. 0 sends the value once.
	Tokens int `yaml:"tokens"`
}

var (
	_ Step      = Text{}
	_ Validator = Text{}
)

// Canary returns the text of a provider that was given none: ten words, each with the provider's
// name. So no word stands in it twice, and no two providers share one: any piece of an answer
// shows who sent it, and from where in the answer it is, whatever an engine's labels say.
func Canary(provider string) string {
	words := []string{"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}
	for i := range words {
		words[i] += "-" + provider
	}
	return strings.Join(words, " ")
}

// Validate refuses negative numbers.
func (s Text) Validate() error { return notNegativeTokens("text", s.ITL, s.Tokens) }

// notNegativeTokens checks the parameters of a step that sends tokens.
func notNegativeTokens(step string, itl time.Duration, tokens int) error {
	var errs []error
	if itl < 0 {
		errs = append(errs, fmt.Errorf("%s: itl is %s, want 0 or more", step, itl))
	}
	if tokens < 0 {
		errs = append(errs, fmt.Errorf("%s: tokens is %d, want 0 or more", step, tokens))
	}
	return errors.Join(errs...)
}

// Play sends the tokens, and waits between them but not after the last one.
func (s Text) Play(ctx context.Context, x Exchange) error {
	value := s.Value
	if value == "" {
		value = Canary(x.Asked().Provider)
	}
	return sendTokens(ctx, x, FrameText, value, s.ITL, s.Tokens)
}

// sendTokens sends a value as frames of one kind, token by token. It sends the whole value if
// tokens is 0.
func sendTokens(ctx context.Context, x Exchange, kind FrameKind, value string, itl time.Duration, tokens int) error {
	rest := value
	for sent := 0; tokens == 0 || sent < tokens; sent++ {
		if rest == "" {
			if tokens == 0 {
				return nil
			}
			rest = " " + value
		}
		if sent > 0 {
			if err := x.Wait(ctx, itl); err != nil {
				return err
			}
		}
		var token string
		token, rest = CutToken(rest)
		if err := x.Send(Frame{Kind: kind, Text: token}); err != nil {
			return err
		}
	}
	return nil
}

// CutToken cuts the first word off a text, with the white space before it. White space at the end
// is a token of its own.
func CutToken(text string) (token, rest string) {
	start := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsSpace(r) })
	if start < 0 {
		return text, ""
	}
	_, size := utf8.DecodeRuneInString(text[start:])
	end := strings.IndexFunc(text[start+size:], unicode.IsSpace)
	if end < 0 {
		return text, ""
	}
	return text[:start+size+end], text[start+size+end:]
}
