package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestToolCallInvalidJSON(t *testing.T) {
	t.Parallel()
	shows(t, fault.ToolCallInvalidJSON{}, ` France}"}`, `"finish_reason":"tool_calls"`)
}
