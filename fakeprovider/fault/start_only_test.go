package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestStartOnly(t *testing.T) {
	t.Parallel()
	shows(t, fault.StartOnly{}, `"delta":{"role":"assistant","content":""`, "= read: nothing more")
	bounds(t, fault.StartOnly{})
}
