package fault_test

import (
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestRetryAfterLong(t *testing.T) {
	t.Parallel()
	shows(t, fault.RetryAfterLong{}, `| Retry-After: 3600\r\n`, "plain: 429")
	bounds(t, fault.RetryAfterLong{})
	also(t, fault.RetryAfterLong{Wait: 24 * time.Hour}, "HTTP/1.1 429 ", `Retry-After: 86400\r\n`)
	refuses(t, fault.RetryAfterLong{Wait: 100 * time.Millisecond}, "retry-after-long: wait is 100ms")
	refuses(t, fault.RetryAfterLong{Status: 200}, "retry-after-long: status is 200")
	standsAlone(t, fault.RetryAfterLong{}, "Retry-After: 3600")
}
