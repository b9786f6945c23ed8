package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestUsageTwice(t *testing.T) {
	t.Parallel()
	shows(t, fault.UsageTwice{}, `"total_tokens":12`, "data: [DONE]", "whole")
	undoes(t, fault.UsageTwice{}, inserted)
}
