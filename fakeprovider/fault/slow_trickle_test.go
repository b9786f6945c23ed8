package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestSlowTrickle(t *testing.T) {
	t.Parallel()
	shows(t, fault.SlowTrickle{}, "= read: nothing more")
	bounds(t, fault.SlowTrickle{})
}
