package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestBareError(t *testing.T) {
	t.Parallel()
	shows(t, fault.BareError{},
		`"delta":{"content":" five-primary"}`,
		`| {\n`,
		`|   "error": {\n`,
		`|     "message": "The engine is currently overloaded`,
	)
	bounds(t, fault.BareError{})
	refuses(t, fault.BareError{Status: 399}, "")
}
