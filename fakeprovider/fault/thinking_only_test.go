package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestThinkingOnly(t *testing.T) {
	t.Parallel()
	shows(t, fault.ThinkingOnly{},
		`{"type":"response.reasoning_summary_text.delta","delta":" hmm"`,
		"@ 1.001191s",
		"= read: nothing more",
	)
	bounds(t, fault.ThinkingOnly{})
}
