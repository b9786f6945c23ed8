package fault

import "github.com/chaosrun/chaosrun/fakeprovider"

// callTool answers with a tool call, its arguments in two pieces.
func callTool(name, arguments, reason string) fakeprovider.Script {
	return fakeprovider.Script{
		fakeprovider.Wait{For: fakeprovider.DefaultTTFT},
		fakeprovider.CallTool{Name: name, Arguments: arguments, Pieces: 2, ITL: fakeprovider.DefaultITL},
		fakeprovider.Finish{Reason: reason},
	}
}

// callFrames returns the frames of callTool.
func callFrames(name, arguments, reason string) []fakeprovider.Frame {
	return []fakeprovider.Frame{
		{Kind: fakeprovider.FrameToolCall, Tool: &fakeprovider.ToolCall{Name: name}},
		{Kind: fakeprovider.FrameToolCall, Tool: &fakeprovider.ToolCall{ArgumentsPiece: arguments}},
		{Kind: fakeprovider.FrameFinish, Text: reason},
	}
}
