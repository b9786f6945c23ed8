package fakeprovider

// callTool is an answer that is a call, its arguments in two pieces.
func callTool(name, arguments, reason string) Script {
	return Script{Wait{For: defaultTTFT}, CallTool{Name: name, Arguments: arguments, Pieces: 2, ITL: defaultITL}, Finish{Reason: reason}}
}

// saysCall are its frames.
func saysCall(name, arguments, reason string) []Frame {
	return []Frame{
		{Kind: FrameToolCall, Tool: &ToolCall{Name: name}},
		{Kind: FrameToolCall, Tool: &ToolCall{ArgumentsPiece: arguments}},
		{Kind: FrameFinish, Text: reason},
	}
}
