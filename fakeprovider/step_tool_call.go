package fakeprovider

import "context"

// toolCall is a step that calls a tool, its arguments in pieces. It is Default's: no parameter of a fault says more about it.
type toolCall struct {
	name      string
	arguments []string
}

var _ Step = toolCall{}

// frames are the call's name and then its arguments.
func (s toolCall) frames() []Frame {
	frames := []Frame{{Kind: FrameToolCall, Tool: &ToolCall{Name: s.name}}}
	for _, piece := range s.arguments {
		frames = append(frames, Frame{Kind: FrameToolCall, Tool: &ToolCall{ArgumentsPiece: piece}})
	}
	return frames
}

// Play sends the call, with the usual time between its pieces.
func (s toolCall) Play(ctx context.Context, x Exchange) error {
	for i, f := range s.frames() {
		if i > 0 {
			if err := x.Wait(ctx, defaultITL); err != nil {
				return err
			}
		}
		if err := x.Send(f); err != nil {
			return err
		}
	}
	return nil
}

// callTool is an answer that is a call.
func callTool(call toolCall, reason string) Script {
	return Script{Wait{For: defaultTTFT}, call, Finish{Reason: reason}}
}

// saysCall are its frames.
func saysCall(call toolCall, reason string) []Frame {
	return append(call.frames(), Frame{Kind: FrameFinish, Text: reason})
}
