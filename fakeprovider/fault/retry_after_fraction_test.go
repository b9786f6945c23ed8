package fault_test

import (
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestRetryAfterFraction(t *testing.T) {
	t.Parallel()
	shows(t, fault.RetryAfterFraction{}, `| Retry-After: 1.5\r\n`, "plain: 429")
	bounds(t, fault.RetryAfterFraction{})
	also(t, fault.RetryAfterFraction{Wait: 250 * time.Millisecond}, `Retry-After: 0.25\r\n`)
	refuses(t, fault.RetryAfterFraction{Wait: 1}, "retry-after-fraction: wait is 1ns, want a multiple of 1ms")
	refuses(t, fault.RetryAfterFraction{Status: 404}, "retry-after-fraction: status is 404")
	standsAlone(t, fault.RetryAfterFraction{}, "Retry-After: 1.5")
}
