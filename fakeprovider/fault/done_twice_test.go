package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestDoneTwice(t *testing.T) {
	t.Parallel()
	shows(t, fault.DoneTwice{}, "data: [DONE]", "whole")
	undoes(t, fault.DoneTwice{}, inserted)
}
