package fault_test

import (
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestRetryAfterAbsurd(t *testing.T) {
	t.Parallel()
	shows(t, fault.RetryAfterAbsurd{}, `| Retry-After: 9223372036854775808\r\n`, "plain: 429")
	bounds(t, fault.RetryAfterAbsurd{})
	also(t, fault.RetryAfterAbsurd{Value: "9223372037"}, `Retry-After: 9223372037\r\n`)
	refuses(t, fault.RetryAfterAbsurd{Value: "9223372036"}, `retry-after-absurd: value is "9223372036", want a number`)
	refuses(t, fault.RetryAfterAbsurd{Value: "a lot"}, `retry-after-absurd: value is "a lot", want a number`)
	refuses(t, fault.RetryAfterAbsurd{Value: strings.Repeat("9", 1001)}, "of up to 1000 digits")
	refuses(t, fault.RetryAfterAbsurd{Status: 428}, "retry-after-absurd: status is 428")
	standsAlone(t, fault.RetryAfterAbsurd{}, "Retry-After: 9223372036854775808")
}
