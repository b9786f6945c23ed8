package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestRetryAfterNegative(t *testing.T) {
	t.Parallel()
	shows(t, fault.RetryAfterNegative{}, `| Retry-After: -5\r\n`, "plain: 429")
	bounds(t, fault.RetryAfterNegative{})
	also(t, fault.RetryAfterNegative{Value: "-3600", Status: 529}, "HTTP/1.1 529 ", `Retry-After: -3600\r\n`)
	refuses(t, fault.RetryAfterNegative{Value: "5"}, `retry-after-negative: value is "5", want a negative`)
	refuses(t, fault.RetryAfterNegative{Value: "-0"}, `retry-after-negative: value is "-0", want a negative`)
	refuses(t, fault.RetryAfterNegative{Value: "-"}, `retry-after-negative: value is "-", want a negative`)
	refuses(t, fault.RetryAfterNegative{Status: 499}, "retry-after-negative: status is 499")
	standsAlone(t, fault.RetryAfterNegative{}, "Retry-After: -5")
}
