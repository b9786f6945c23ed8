package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestEmptyDeltas(t *testing.T) {
	t.Parallel()
	shows(t, fault.EmptyDeltas{},
		`"delta":{"content":""}`,
		"@ 10.001191s",
		"@ 20.001191s",
		"= read: nothing more",
	)
	bounds(t, fault.EmptyDeltas{})
}
