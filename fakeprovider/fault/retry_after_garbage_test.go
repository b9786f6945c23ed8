package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestRetryAfterGarbage(t *testing.T) {
	t.Parallel()
	shows(t, fault.RetryAfterGarbage{}, `| Retry-After: soon\r\n`, "plain: 429")
	bounds(t, fault.RetryAfterGarbage{}, "Value")
	also(t, fault.RetryAfterGarbage{Value: "1h"}, `Retry-After: 1h\r\n`)
	refuses(t, fault.RetryAfterGarbage{Value: "17"}, `retry-after-garbage: value is "17", which means something`)
	refuses(t, fault.RetryAfterGarbage{Value: "1e999"}, `retry-after-garbage: value is "1e999", which means`)
	refuses(t, fault.RetryAfterGarbage{Value: "Wed, 01 Jul 2026 12:00:00 GMT"},
		`retry-after-garbage: value is "Wed, 01 Jul 2026 12:00:00 GM`)
	refuses(t, fault.RetryAfterGarbage{Value: "a\r\nb"}, `retry-after-garbage: value is "a\r\nb", want one line`)
	refuses(t, fault.RetryAfterGarbage{Status: 430}, "retry-after-garbage: status is 430")
	standsAlone(t, fault.RetryAfterGarbage{}, "Retry-After: soon")
}
