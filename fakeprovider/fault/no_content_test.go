package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestNoContent(t *testing.T) {
	t.Parallel()
	shows(t, fault.NoContent{},
		"HTTP/1.1 204 No Content",
		"plain: 204 No Content, 0 bytes of body, whole",
	)
}
