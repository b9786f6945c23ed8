package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestShouldRetry(t *testing.T) {
	t.Parallel()
	shows(t, fault.ShouldRetry{}, `| X-Should-Retry: false\r\n`, "plain: 503")
	bounds(t, fault.ShouldRetry{})
	also(t, fault.ShouldRetry{Retry: true}, "HTTP/1.1 400 ", `X-Should-Retry: true\r\n`)
	also(t, fault.ShouldRetry{Status: 429}, "HTTP/1.1 429 ", `X-Should-Retry: false\r\n`)
	refuses(t, fault.ShouldRetry{Status: 200}, "should-retry: status is 200, want 400 to 599")
}
