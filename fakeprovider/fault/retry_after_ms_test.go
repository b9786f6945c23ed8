package fault_test

import (
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestRetryAfterMS(t *testing.T) {
	t.Parallel()
	shows(t, fault.RetryAfterMS{}, `| Retry-After-Ms: 1500\r\n`, "plain: 429")
	bounds(t, fault.RetryAfterMS{}, "RetryAfter")
	also(t, fault.RetryAfterMS{Wait: 20 * time.Millisecond, RetryAfter: "1"}, `Retry-After: 1\r\n`,
		`Retry-After-Ms: 20\r\n`)
	refuses(t, fault.RetryAfterMS{Wait: time.Microsecond}, "retry-after-ms: wait is 1µs, want a multiple of 1ms")
	refuses(t, fault.RetryAfterMS{Status: 100}, "retry-after-ms: status is 100")
	standsAlone(t, fault.RetryAfterMS{}, "Retry-After-Ms: 1500")
}
