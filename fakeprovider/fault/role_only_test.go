package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestRoleOnly(t *testing.T) {
	t.Parallel()
	shows(t, fault.RoleOnly{},
		`"delta":{"role":"assistant","content":""`,
		"@ 10.001191s",
		"@ 20.001191s",
		"= read: nothing more",
	)
	bounds(t, fault.RoleOnly{})
}
