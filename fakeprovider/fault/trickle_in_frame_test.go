package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestTrickleInFrame(t *testing.T) {
	t.Parallel()
	shows(t, fault.TrickleInFrame{}, "@ 3.401191s\n| 1\\r\\n", "= read: nothing more")
	bounds(t, fault.TrickleInFrame{})
	undoes(t, fault.TrickleInFrame{}, same)
}
