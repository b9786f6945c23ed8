package fault_test

import (
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestContinueStall(t *testing.T) {
	t.Parallel()
	shows(t, fault.ContinueStall{},
		`| HTTP/1.1 100 Continue\r\n`,
		"= read: nothing more",
		"plain: request: nothing more",
	)
	bounds(t, fault.ContinueStall{})
	also(t, fault.ContinueStall{Status: 103, Every: time.Minute}, `| Link: `, "@ 1m0.001191s", "= read: nothing more")
	refuses(t, fault.ContinueStall{Every: -time.Second}, "continue-stall: every is -1s")
	refuses(t, fault.ContinueStall{Status: 101}, "continue-stall: status is 101")
}
