package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestHalfOpen(t *testing.T) {
	t.Parallel()
	shows(t, fault.HalfOpen{},
		`"content":" five-primary"`,
		"@ 1m4.5s\n= read: nothing more",
		"plain: 200 OK, a body that does not end",
	)
	bounds(t, fault.HalfOpen{})
}
