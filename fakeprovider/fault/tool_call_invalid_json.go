package fault

import "github.com/chaosrun/chaosrun/fakeprovider"

// ToolCallInvalidJSON calls a tool with arguments that are not JSON.
type ToolCallInvalidJSON struct{}

var (
	_ fakeprovider.Fault       = ToolCallInvalidJSON{}
	_ fakeprovider.NeedsFrames = ToolCallInvalidJSON{}
)

// Info describes the fault.
func (ToolCallInvalidJSON) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"M5"}, Name: "tool-call-invalid-json",
		Title: "The arguments of a tool call are no JSON",
		Why: "They are complete and cannot be read. Engines that put an empty object in their place run the tool " +
			"without what it needs.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Return an error before any tool runs, or try again.",
		},
		Issues: []string{
			"https://github.com/brightwave-inc/tidebreak/issues/1084",
			"https://github.com/camel-ai/camel/issues/4338",
		},
		Default: ToolCallInvalidJSON{},
	}
}

// Script calls the tool.
func (ToolCallInvalidJSON) Script() fakeprovider.Script {
	return callTool("get_capital", `{"country": France}`, "tool_calls")
}

// NeededFrames returns the call.
func (ToolCallInvalidJSON) NeededFrames() []fakeprovider.Frame {
	return callFrames("get_capital", `{"country": France}`, "tool_calls")
}
