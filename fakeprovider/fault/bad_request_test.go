package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestBadRequest(t *testing.T) {
	t.Parallel()
	shows(t, fault.BadRequest{}, "HTTP/1.1 400 Bad Request", `"type": "invalid_request_error"`)
}
