package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestPingOnly(t *testing.T) {
	t.Parallel()
	shows(t, fault.PingOnly{},
		`| event: ping\n`,
		`| data: {}\n`,
		"@ 30.001191s",
		"@ 1m0.001191s",
		"= read: nothing more",
	)
	bounds(t, fault.PingOnly{})
}
