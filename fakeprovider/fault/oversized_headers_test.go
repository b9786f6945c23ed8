package fault_test

import (
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestOversizedHeaders(t *testing.T) {
	t.Parallel()
	shows(t, fault.OversizedHeaders{},
		"| X-Padding: xxx",
		"data: [DONE]",
		"server response headers exceeded 10485760 bytes; aborted",
	)
	bounds(t, fault.OversizedHeaders{})
	also(t, fault.OversizedHeaders{Size: 1000}, "| X-Padding: xxx", "plain: 200 OK")
	refuses(t, fault.OversizedHeaders{Size: 1<<30 + 1}, "oversized-headers: size is 1073741825, want 1 to 1073741824")
	refuses(t, fault.OversizedHeaders{Every: -time.Second}, "oversized-headers: every is -1s")
	undoesRaw(t, fault.OversizedHeaders{}, wholeBody)
}
