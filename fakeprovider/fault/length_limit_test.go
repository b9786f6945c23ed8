package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestLengthLimit(t *testing.T) {
	t.Parallel()
	shows(t, fault.LengthLimit{},
		`"finish_reason":"length"`,
		`"delta":{"content":" five-primary"}`,
		"data: [DONE]",
	)
	bounds(t, fault.LengthLimit{})
}
