package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestUnauthorized(t *testing.T) {
	t.Parallel()
	shows(t, fault.Unauthorized{}, "HTTP/1.1 401 Unauthorized", `"code": "invalid_api_key"`)
}
