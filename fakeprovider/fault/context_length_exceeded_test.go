package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestContextLengthExceeded(t *testing.T) {
	t.Parallel()
	shows(t, fault.ContextLengthExceeded{},
		"HTTP/1.1 400 Bad Request",
		`"code": "context_length_exceeded"`,
	)
}
