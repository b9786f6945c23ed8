package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestCRLF(t *testing.T) {
	t.Parallel()
	shows(t, fault.CRLF{}, `| data: [DONE]\r\n`, "whole")
	undoes(t, fault.CRLF{}, otherLineEnds)
}
