package fault

import "github.com/chaosrun/chaosrun/fakeprovider"

// ToolCallUnknown calls a tool that the request does not offer.
type ToolCallUnknown struct{}

var (
	_ fakeprovider.Fault       = ToolCallUnknown{}
	_ fakeprovider.NeedsFrames = ToolCallUnknown{}
)

// Info describes the fault.
func (ToolCallUnknown) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"M5"}, Name: "tool-call-unknown",
		Title: "The model calls a tool that does not exist",
		Why: "The call is perfect but for its name. Dispatchers that look it up without asking whether it is there " +
			"crash, and loops that report it to the model may never end.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Return an error, or tell the model, before any tool runs.",
		},
		Issues: []string{
			"https://github.com/NousResearch/hermes-agent/issues/69442",
			"https://github.com/tidyverse/ellmer/issues/3",
		},
		Default: ToolCallUnknown{},
	}
}

// Script calls the tool.
func (ToolCallUnknown) Script() fakeprovider.Script {
	return callTool("no_such_tool", `{"country": "France"}`, "tool_calls")
}

// NeededFrames returns the call.
func (ToolCallUnknown) NeededFrames() []fakeprovider.Frame {
	return callFrames("no_such_tool", `{"country": "France"}`, "tool_calls")
}
