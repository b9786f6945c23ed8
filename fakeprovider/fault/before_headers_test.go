package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestResetBeforeHeaders(t *testing.T) {
	t.Parallel()
	shows(t, fault.ResetBeforeHeaders{},
		"\n= read: read: connection reset by peer",
		"plain: request: read: connection reset by peer",
	)
	bounds(t, fault.ResetBeforeHeaders{})
}

func TestCloseBeforeHeaders(t *testing.T) {
	t.Parallel()
	shows(t, fault.CloseBeforeHeaders{}, "\n= read: EOF", "plain: request: EOF")
	bounds(t, fault.CloseBeforeHeaders{})
}
