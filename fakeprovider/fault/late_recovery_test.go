package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestLateRecovery(t *testing.T) {
	t.Parallel()
	shows(t, fault.LateRecovery{}, "@ 421.191ms", "@ 54.841191s", "data: [DONE]", "whole")
	bounds(t, fault.LateRecovery{})
	undoes(t, fault.LateRecovery{}, same)
}
