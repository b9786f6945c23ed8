package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestErrorAfterContent(t *testing.T) {
	t.Parallel()
	shows(t, fault.ErrorAfterContent{},
		`"delta":{"content":" five-primary"}`,
		`| data: {"error":{"message":"The engine is currently overloaded`,
	)
	bounds(t, fault.ErrorAfterContent{}, "Code")
	refuses(t, fault.ErrorAfterContent{Status: 600}, "")
}
