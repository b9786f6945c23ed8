package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestRepetition(t *testing.T) {
	t.Parallel()
	shows(t, fault.Repetition{}, `"delta":{"content":" nine-primary"}`, "= read: nothing more")
	bounds(t, fault.Repetition{}, "Text")
	refuses(t, fault.Repetition{Tokens: 1_000_001}, "")
}
