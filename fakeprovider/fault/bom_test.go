package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestBOM(t *testing.T) {
	t.Parallel()
	shows(t, fault.BOM{}, `| \ufeffdata: {`, "data: [DONE]")
	undoes(t, fault.BOM{}, replaced("\ufeff", ""))
}
