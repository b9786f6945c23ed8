package fault

import "github.com/chaosrun/chaosrun/fakeprovider"

// ToolCallTruncated calls a tool and does not complete the call.
type ToolCallTruncated struct{}

var (
	_ fakeprovider.Fault       = ToolCallTruncated{}
	_ fakeprovider.NeedsFrames = ToolCallTruncated{}
)

// Info describes the fault.
func (ToolCallTruncated) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"M5"}, Name: "tool-call-truncated",
		Title: "The arguments of a tool call break off in the middle",
		Why: "Repaired, they are a call that the model never made: a file with half of its text, a command without " +
			"its last argument. Replaced by an empty object, they are another one.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Return an error before any tool runs, or try again.",
		},
		Issues: []string{
			"https://github.com/NousResearch/hermes-agent/issues/69442",
			"https://github.com/cline/cline/pull/13015",
		},
		Default: ToolCallTruncated{},
	}
}

// Script calls the tool.
func (ToolCallTruncated) Script() fakeprovider.Script {
	return callTool("get_capital", `{"country": "Fra`, "tool_calls")
}

// NeededFrames returns the call.
func (ToolCallTruncated) NeededFrames() []fakeprovider.Frame {
	return callFrames("get_capital", `{"country": "Fra`, "tool_calls")
}
