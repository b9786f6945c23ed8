package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestLoneCR(t *testing.T) {
	t.Parallel()
	shows(t, fault.LoneCR{}, `data: [DONE]\r\r`, "whole")
	undoes(t, fault.LoneCR{}, lineEnds)
}
