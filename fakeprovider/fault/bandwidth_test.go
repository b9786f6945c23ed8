package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestBandwidth(t *testing.T) {
	t.Parallel()
	shows(t, fault.Bandwidth{}, "data: [DONE]", "= read: EOF")
	bounds(t, fault.Bandwidth{})
	undoes(t, fault.Bandwidth{}, same)
}
