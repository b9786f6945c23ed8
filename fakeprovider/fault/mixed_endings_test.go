package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestMixedEndings(t *testing.T) {
	t.Parallel()
	shows(t, fault.MixedEndings{}, `\r\r`, `\r\n`, "data: [DONE]", "whole")
	undoes(t, fault.MixedEndings{}, lineEnds)
}
