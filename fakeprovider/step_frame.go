package fakeprovider

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// SendFrame sends one canonical frame, at once and alone: too much, too little, or out of order.
type SendFrame struct {
	// Kind is one of FrameNames. A tool call has more than a text and cannot be sent this way;
	// use tool_call.
	Kind string `yaml:"kind"`
	// Text is the content of a text, thinking, refusal or comment frame, the reason of a finish
	// frame, or the message of an error frame, which is otherwise the vendor's usual 500.
	Text string `yaml:"text"`
}

var (
	_ Step      = SendFrame{}
	_ Validator = SendFrame{}
)

// Validate refuses a kind that does not exist.
func (s SendFrame) Validate() error {
	if !slices.Contains(FrameNames(), s.Kind) {
		return fmt.Errorf("frame: kind is %q, want one of %s", s.Kind, strings.Join(FrameNames(), ", "))
	}
	if s.Kind == FrameToolCall.String() {
		return fmt.Errorf("frame: kind %q needs more than a text: there is tool_call", s.Kind)
	}
	return nil
}

// Play sends the frame.
func (s SendFrame) Play(_ context.Context, x Exchange) error {
	frame := Frame{Text: s.Text}
	if err := frame.Kind.UnmarshalText([]byte(s.Kind)); err != nil {
		return err
	}
	if frame.Kind == FrameError {
		frame.Text, frame.Problem = "", &Problem{Message: s.Text}
	}
	return x.Send(frame)
}

// Words returns the kinds that have no more than a text.
func (SendFrame) Words() map[string][]string {
	return map[string][]string{"kind": plainFrames()}
}

// plainFrames returns the kinds of frames that need no more than a text.
func plainFrames() []string {
	return slices.DeleteFunc(FrameNames(), func(name string) bool { return SendFrame{Kind: name}.Validate() != nil })
}
