package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestRetryableStatus(t *testing.T) {
	t.Parallel()
	shows(t, fault.RetryableStatus{}, "HTTP/1.1 408 Request Timeout")
	bounds(t, fault.RetryableStatus{})
	also(t, fault.RetryableStatus{Status: 409}, "HTTP/1.1 409 ")
	also(t, fault.RetryableStatus{Status: 425}, "HTTP/1.1 425 ")
	refuses(t, fault.RetryableStatus{Status: 404}, "retryable-status: status is 404, want one of 408, 409, 425")
}
