package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestQuotaExhausted(t *testing.T) {
	t.Parallel()
	shows(t, fault.QuotaExhausted{}, "HTTP/1.1 429 ", `"code": "insufficient_quota"`)
}
