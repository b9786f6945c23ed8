package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestModelNotFound(t *testing.T) {
	t.Parallel()
	shows(t, fault.ModelNotFound{}, "HTTP/1.1 404 Not Found", `"code": "model_not_found"`)
}
