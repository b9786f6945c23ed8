package fakeprovider

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Finish declares the answer complete: the finish frame, usage, and the protocol's terminal mark. In a response that is
// not streamed the whole body leaves here.
type Finish struct {
	// Reason is stop (where empty), length, tool_calls, content_filter or pause_turn; each protocol has its own word for it. Where
	// it has none, as all but Anthropic's for pause_turn, the run cannot show what it was meant to show.
	Reason string `yaml:"reason"`
}

var (
	_ Step      = Finish{}
	_ Validator = Finish{}
)

// FinishReasons returns the reasons in nobody's protocol, as scenarios write them.
func FinishReasons() []string {
	return []string{"stop", "length", "tool_calls", "content_filter", ReasonPause}
}

// reasonPause is Anthropic's word for a turn that has to be asked to go on.
const ReasonPause = "pause_turn"

// Validate refuses a reason that no protocol has a word for.
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

// Words returns what files may say.
func (Finish) Words() map[string][]string {
	return map[string][]string{"reason": FinishReasons()}
}
