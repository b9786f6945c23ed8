package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestModelRefusal(t *testing.T) {
	t.Parallel()
	shows(t, fault.ModelRefusal{},
		`"delta":{"refusal":"I cannot help with that."}`,
		`"finish_reason":"stop"`,
	)
	bounds(t, fault.ModelRefusal{}, "Text")
}
