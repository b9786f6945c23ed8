package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestStallAfterFirstToken(t *testing.T) {
	t.Parallel()
	shows(t, fault.StallAfterFirstToken{}, `"delta":{"content":"one-primary"}`, "= read: nothing more")
	bounds(t, fault.StallAfterFirstToken{})
}
