package fakeprovider

// ToolCallTruncated calls a tool and does not complete the call.
type ToolCallTruncated struct{}

var (
	_ Preset = ToolCallTruncated{}
	_ Sayer  = ToolCallTruncated{}
)

func toolCallTruncatedInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"M5"}, Name: "tool-call-truncated",
		Title: "The arguments of a tool call break off in the middle",
		Why: "Repaired, they are a call that the model never made: a file with half of its text, a command without its last " +
			"argument. Replaced by an empty object, they are another one.",
		Correct: "An error before any tool runs; another try.",
		Issues: []string{
			"https://github.com/NousResearch/hermes-agent/issues/69442",
			"https://github.com/cline/cline/pull/13015",
		},
		Default: ToolCallTruncated{},
	}
}

// Script calls the tool.
func (ToolCallTruncated) Script() Script {
	return callTool("get_capital", `{"country": "Fra`, "tool_calls")
}

// Says the call.
func (ToolCallTruncated) Says() []Frame {
	return saysCall("get_capital", `{"country": "Fra`, "tool_calls")
}
