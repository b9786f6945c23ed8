package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestNoResponse(t *testing.T) {
	t.Parallel()
	shows(t, fault.NoResponse{},
		"@ 1m4.5s\n= read: nothing more",
		"plain: request: nothing more",
		"= read: nothing more",
	)
}
