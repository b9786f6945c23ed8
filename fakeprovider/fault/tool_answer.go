package fault

import "github.com/chaosrun/chaosrun/fakeprovider"

// callTool is an answer that is a call, its arguments in two pieces.
func callTool(name, arguments, reason string) fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Wait{For: fakeprovider.DefaultTTFT}, fakeprovider.CallTool{Name: name, Arguments: arguments, Pieces: 2, ITL: fakeprovider.DefaultITL}, fakeprovider.Finish{Reason: reason}}
}

// saysCall are its frames.
func saysCall(name, arguments, reason string) []fakeprovider.Frame {
	return []fakeprovider.Frame{
		{Kind: fakeprovider.FrameToolCall, Tool: &fakeprovider.ToolCall{Name: name}},
		{Kind: fakeprovider.FrameToolCall, Tool: &fakeprovider.ToolCall{ArgumentsPiece: arguments}},
		{Kind: fakeprovider.FrameFinish, Text: reason},
	}
}
