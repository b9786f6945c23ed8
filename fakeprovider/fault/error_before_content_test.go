package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestErrorBeforeContent(t *testing.T) {
	t.Parallel()
	shows(t, fault.ErrorBeforeContent{},
		"HTTP/1.1 200 OK",
		`| data: {"error":{"message":"The server had an error`,
	)
	bounds(t, fault.ErrorBeforeContent{}, "Code")
	refuses(t, fault.ErrorBeforeContent{Status: 200}, "")
}
