package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestSplitUTF8(t *testing.T) {
	t.Parallel()
	shows(t, fault.SplitUTF8{}, `\xc3\r\n`, `\xe4\r\n`, `\xf0\r\n`, "data: [DONE]")
	bounds(t, fault.SplitUTF8{})
	undoes(t, fault.SplitUTF8{}, same)
}
