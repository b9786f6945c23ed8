package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestForbidden(t *testing.T) {
	t.Parallel()
	shows(t, fault.Forbidden{}, "HTTP/1.1 403 Forbidden")
}
