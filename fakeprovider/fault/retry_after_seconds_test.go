package fault_test

import (
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestRetryAfterSeconds(t *testing.T) {
	t.Parallel()
	shows(t, fault.RetryAfterSeconds{}, `| Retry-After: 2\r\n`, "plain: 429")
	bounds(t, fault.RetryAfterSeconds{})
	also(t, fault.RetryAfterSeconds{Wait: time.Minute, Status: 503}, "HTTP/1.1 503 ", `Retry-After: 60\r\n`)
	refuses(t, fault.RetryAfterSeconds{Wait: 1500 * time.Millisecond},
		"retry-after-seconds: wait is 1.5s, want a multiple of 1s")
	refuses(t, fault.RetryAfterSeconds{Wait: -time.Second}, "retry-after-seconds: wait is -1s, want 0 or more")
	refuses(t, fault.RetryAfterSeconds{Status: 400}, "retry-after-seconds: status is 400, want 429 or 500 to 599")
	standsAlone(t, fault.RetryAfterSeconds{}, "Retry-After: 2")
}
