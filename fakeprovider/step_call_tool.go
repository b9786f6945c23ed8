package fakeprovider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// CallTool calls a tool: its name first, then its arguments in pieces. The calls of one answer
// are numbered in the order in which they begin. Finish with tool_calls after the last one. In
// scenarios its name is `tool_call`.
type CallTool struct {
	// Name is the tool's name. Required.
	Name string `yaml:"name"`
	// Arguments are JSON, sent as they are; a model that does well sends an object. Default {}.
	// Gemini, and Anthropic without a stream, cannot say anything but an object.
	Arguments string `yaml:"arguments"`
	// ID is the call's id. Default: one in the vendor's form, drawn at random.
	ID string `yaml:"id"`
	// Pieces is the number of pieces that the arguments are sent in. Default: one for every 4
	// bytes, about a token.
	Pieces int `yaml:"pieces"`
	// ITL is the inter-token latency: the time before each piece. 0 sends all of them at one
	// instant.
	ITL time.Duration `yaml:"itl"`
}

var (
	_ Step      = CallTool{}
	_ Validator = CallTool{}
)

// Validate refuses a call without a name, and negative numbers.
func (s CallTool) Validate() error {
	var errs []error
	if s.Name == "" {
		errs = append(errs, errors.New("tool_call: name is missing"))
	}
	if s.Pieces < 0 {
		errs = append(errs, fmt.Errorf("tool_call: pieces is %d, want 0 or more", s.Pieces))
	}
	if s.ITL < 0 {
		errs = append(errs, fmt.Errorf("tool_call: itl is %s, want 0 or more", s.ITL))
	}
	return errors.Join(errs...)
}

// Play sends the pieces.
func (s CallTool) Play(ctx context.Context, x Exchange) error {
	call := ToolCall{ID: s.ID, Name: s.Name}
	if counted, ok := x.(interface{ nextCall() int }); ok {
		call.Index = counted.nextCall()
	}
	if err := x.Send(Frame{Kind: FrameToolCall, Tool: &call}); err != nil {
		return err
	}
	for _, piece := range s.pieces() {
		if err := x.Wait(ctx, s.ITL); err != nil {
			return err
		}
		err := x.Send(Frame{Kind: FrameToolCall, Tool: &ToolCall{Index: call.Index, ArgumentsPiece: piece}})
		if err != nil {
			return err
		}
	}
	return nil
}

// pieces cuts the arguments between letters. The lengths of the pieces differ by one at most, and
// no piece is empty.
func (s CallTool) pieces() []string {
	letters := []rune(cmp.Or(s.Arguments, "{}"))
	n := s.Pieces
	if n == 0 {
		n = (len(string(letters)) + BytesPerToken - 1) / BytesPerToken
	}
	n = min(n, len(letters))
	pieces := make([]string, n)
	for i := range pieces {
		pieces[i] = string(letters[i*len(letters)/n : (i+1)*len(letters)/n])
	}
	return pieces
}

// nextCall returns the number of the next call of this answer, from 0.
func (x *exchange) nextCall() int { return x.calls }
