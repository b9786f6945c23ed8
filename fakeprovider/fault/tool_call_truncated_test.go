package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestToolCallTruncated(t *testing.T) {
	t.Parallel()
	shows(t, fault.ToolCallTruncated{}, `y\\": \\"Fra"}`, `"finish_reason":"tool_calls"`)
}
