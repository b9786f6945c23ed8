package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestServerError(t *testing.T) {
	t.Parallel()
	shows(t, fault.ServerError{}, "HTTP/1.1 500 Internal Server Error", `"type": "server_error"`)
	bounds(t, fault.ServerError{}, "RetryAfter")
	also(t, fault.ServerError{Status: 502}, "HTTP/1.1 502 ")
	also(t, fault.ServerError{Status: 503, RetryAfter: "7"}, "HTTP/1.1 503 ", `Retry-After: 7\r\n`)
	also(t, fault.ServerError{Status: 504}, "HTTP/1.1 504 ")
	refuses(t, fault.ServerError{Status: 501}, "server-error: status is 501, want one of 500, 502, 503, 504")
}
