package fault

import "github.com/chaosrun/chaosrun/fakeprovider"

// ToolUseWithStop calls a tool and gives another finish reason.
type ToolUseWithStop struct{}

var (
	_ fakeprovider.Fault       = ToolUseWithStop{}
	_ fakeprovider.NeedsFrames = ToolUseWithStop{}
)

// Info describes the fault.
func (ToolUseWithStop) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"M8"}, Name: "tool-use-with-stop",
		Title: "A tool call arrives whole, and the finish reason is stop",
		Why: "Who looks at the reason alone ends the turn and drops the call; the model waits for a result that " +
			"never comes.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Count the tool call, whatever the finish reason.",
		},
		Issues: []string{
			"https://github.com/sgl-project/sglang/issues/2877",
			"https://github.com/Mirascope/mirascope/issues/256",
		},
		Default: ToolUseWithStop{},
	}
}

// Script calls the tool.
func (ToolUseWithStop) Script() fakeprovider.Script {
	return callTool("get_capital", `{"country": "France"}`, "stop")
}

// NeededFrames returns the call.
func (ToolUseWithStop) NeededFrames() []fakeprovider.Frame {
	return callFrames("get_capital", `{"country": "France"}`, "stop")
}
