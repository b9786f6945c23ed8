package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestToolUseWithStop(t *testing.T) {
	t.Parallel()
	shows(t, fault.ToolUseWithStop{},
		`"function":{"name":"get_capital","arguments":""}`,
		`"finish_reason":"stop"`,
	)
}
