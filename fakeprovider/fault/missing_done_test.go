package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestMissingDone(t *testing.T) {
	t.Parallel()
	shows(t, fault.MissingDone{},
		`"finish_reason":"stop"`,
		`"total_tokens":12`,
		"plain: 200 OK",
		"whole",
	)
	undoes(t, fault.MissingDone{}, lacks)
}
