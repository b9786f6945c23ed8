package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestEarlyTerminal(t *testing.T) {
	t.Parallel()
	shows(t, fault.EarlyTerminal{}, `"finish_reason":"stop"`, `"delta":{"content":" six-primary"}`, "whole")
	bounds(t, fault.EarlyTerminal{})
}
