package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestToolCallUnknown(t *testing.T) {
	t.Parallel()
	shows(t, fault.ToolCallUnknown{},
		`"function":{"name":"no_such_tool","arguments":""}`,
		`"finish_reason":"tool_calls"`,
	)
}
