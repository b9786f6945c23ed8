package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestEmptyBody(t *testing.T) {
	t.Parallel()
	shows(t, fault.EmptyBody{},
		"HTTP/1.1 200 OK",
		`| Content-Length: 0\r\n`,
		"plain: 200 OK, 0 bytes of body, whole",
	)
}
