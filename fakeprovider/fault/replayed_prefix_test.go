package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestReplayedPrefix(t *testing.T) {
	t.Parallel()
	shows(t, fault.ReplayedPrefix{}, `"delta":{"role":"assistant"`, "whole")
	bounds(t, fault.ReplayedPrefix{})
	undoes(t, fault.ReplayedPrefix{}, inserted)
	refuses(t, fault.ReplayedPrefix{After: 1001}, "")
}
