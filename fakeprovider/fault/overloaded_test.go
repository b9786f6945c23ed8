package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestOverloaded(t *testing.T) {
	t.Parallel()
	shows(t, fault.Overloaded{}, "HTTP/1.1 529 ", `"message": "Overloaded"`)
	bounds(t, fault.Overloaded{}, "RetryAfter")
	also(t, fault.Overloaded{RetryAfter: "9"}, "HTTP/1.1 529 ", `Retry-After: 9\r\n`)
}
