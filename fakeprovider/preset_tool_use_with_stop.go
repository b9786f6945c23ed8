package fakeprovider

// ToolUseWithStop calls a tool and gives another finish reason.
type ToolUseWithStop struct{}

var (
	_ Preset = ToolUseWithStop{}
	_ Sayer  = ToolUseWithStop{}
)

func toolUseWithStopInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"M8"}, Name: "tool-use-with-stop",
		Title:   "A tool call arrives whole, and the finish reason is stop",
		Why:     "Who looks at the reason alone ends the turn and drops the call; the model waits for a result that never comes.",
		Correct: "The call counts, whatever the reason.",
		Issues: []string{
			"https://github.com/sgl-project/sglang/issues/2877",
			"https://github.com/Mirascope/mirascope/issues/256",
		},
		Default: ToolUseWithStop{},
	}
}

// Script calls the tool.
func (ToolUseWithStop) Script() Script {
	return callTool("get_capital", `{"country": "France"}`, "stop")
}

// Says the call.
func (ToolUseWithStop) Says() []Frame {
	return saysCall("get_capital", `{"country": "France"}`, "stop")
}
