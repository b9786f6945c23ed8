package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestRateLimited(t *testing.T) {
	t.Parallel()
	shows(t, fault.RateLimited{}, "HTTP/1.1 429 Too Many Requests", "rate_limit_exceeded")
	bounds(t, fault.RateLimited{}, "RetryAfter", "Code")
	also(t, fault.RateLimited{}, "HTTP/1.1 429 ")
}
