package fakeprovider

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Finish declares the answer complete: the finish frame, usage, and the protocol's terminal mark.
// A non-streamed response sends its whole body here.
type Finish struct {
	// Reason is stop (the default), length, tool_calls, content_filter or pause_turn. Each
	// protocol has its own word for it, but only Anthropic has one for pause_turn. A protocol
	// without a word makes the run unknown.
	Reason string `yaml:"reason"`
}

var (
	_ Step      = Finish{}
	_ Validator = Finish{}
)

// FinishReasons returns the canonical reasons, as scenarios write them.
func FinishReasons() []string {
	return []string{"stop", "length", "tool_calls", "content_filter", ReasonPause}
}

// ReasonPause is Anthropic's reason for a turn that the client must ask to continue.
const ReasonPause = "pause_turn"

// Validate refuses a reason that does not exist.
func (s Finish) Validate() error {
	if s.Reason != "" && !slices.Contains(FinishReasons(), s.Reason) {
		return fmt.Errorf("finish: reason is %q, want one of %s", s.Reason, strings.Join(FinishReasons(), ", "))
	}
	return nil
}

// Play sends the three frames.
func (s Finish) Play(_ context.Context, x Exchange) error {
	for _, frame := range []Frame{{Kind: FrameFinish, Text: s.Reason}, {Kind: FrameUsage}, {Kind: FrameDone}} {
		if err := x.Send(frame); err != nil {
			return err
		}
	}
	return nil
}

// Words returns the reasons.
func (Finish) Words() map[string][]string {
	return map[string][]string{"reason": FinishReasons()}
}
