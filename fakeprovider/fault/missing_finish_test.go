package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestMissingFinish(t *testing.T) {
	t.Parallel()
	shows(t, fault.MissingFinish{}, `"delta":{"content":" ten-primary"}`, `| 0\r\n`, "whole")
	bounds(t, fault.MissingFinish{})
	undoes(t, fault.MissingFinish{}, lacks)
	undoes(t, fault.MissingFinish{Done: true}, lacks)
}
