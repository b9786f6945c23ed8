package fault_test

// semanticFaults are the rows M1 to M11.
var semanticFaults = map[string][]string{
	"empty-answer":           {`"finish_reason":"stop"`, `"total_tokens":2,`, "data: [DONE]"},
	"length-limit":           {`"finish_reason":"length"`, `"delta":{"content":" answer"}`, "data: [DONE]"},
	"model-refusal":          {`"delta":{"refusal":"I cannot help with that."}`, `"finish_reason":"stop"`},
	"content-filter":         {`"delta":{"content":" answer"}`, `"finish_reason":"content_filter"`},
	"pause-turn":             {`{"type":"message_delta","delta":{"stop_reason":"pause_turn"`},
	"tool-call-truncated":    {`y\\": \\"Fra"}`, `"finish_reason":"tool_calls"`},
	"tool-call-invalid-json": {` France}"}`, `"finish_reason":"tool_calls"`},
	"tool-call-unknown":      {`"function":{"name":"no_such_tool","arguments":""}`, `"finish_reason":"tool_calls"`},
	"tool-use-with-stop":     {`"function":{"name":"get_capital","arguments":""}`, `"finish_reason":"stop"`},
	"wrong-model":            {`"model":"substitute-model"`, "data: [DONE]"},
	"usage-missing":          {`"finish_reason":"stop"`, "data: [DONE]", "whole"},
	"usage-zero":             {`"total_tokens":0`, "data: [DONE]"},
	"usage-twice":            {`"total_tokens":12`, "data: [DONE]", "whole"},
	"schema-drift":           {`"delta":{"content":[" is"]}`, "data: [DONE]"},
	"repetition":             {`"delta":{"content":" to"}`, "= read: nothing more"},
	"wrong-wire":             {`event: message_start\n`, `event: message_stop\n`, "whole"},
}
