package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestEmptyAnswer(t *testing.T) {
	t.Parallel()
	shows(t, fault.EmptyAnswer{}, `"finish_reason":"stop"`, `"total_tokens":2,`, "data: [DONE]")
	bounds(t, fault.EmptyAnswer{})
}
