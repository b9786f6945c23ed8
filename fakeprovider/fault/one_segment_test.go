package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestOneSegment(t *testing.T) {
	t.Parallel()
	shows(t, fault.OneSegment{}, "@ 581.191ms", "data: [DONE]")
	undoes(t, fault.OneSegment{}, same)
}
