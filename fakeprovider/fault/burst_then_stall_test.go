package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestBurstThenStall(t *testing.T) {
	t.Parallel()
	shows(t, fault.BurstThenStall{},
		`"delta":{"content":" nine-primary"}`,
		"@ 401.191ms",
		"@ 1m4.5s\n= read: nothing more",
	)
	bounds(t, fault.BurstThenStall{})
}
