package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestDoubleTerminal(t *testing.T) {
	t.Parallel()
	shows(t, fault.DoubleTerminal{}, `| data: [DONE]\n`, "whole")
	undoes(t, fault.DoubleTerminal{}, inserted)
}
