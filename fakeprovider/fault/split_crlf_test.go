package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestSplitCRLF(t *testing.T) {
	t.Parallel()
	shows(t, fault.SplitCRLF{}, `| data: [DONE]\r\r\n`, `| 1\r\n`, "whole")
	bounds(t, fault.SplitCRLF{})
	undoes(t, fault.SplitCRLF{}, lineEnds)
}
