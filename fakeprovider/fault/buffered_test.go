package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestBuffered(t *testing.T) {
	t.Parallel()
	shows(t, fault.Buffered{}, "data: [DONE]", "= read: EOF", "plain: 200 OK")
	bounds(t, fault.Buffered{})
	also(t, fault.Buffered{Size: 1}, "@ 401.191ms\n| HTTP/1.1 200", "@ 421.191ms", "plain: 200 OK")
	refuses(t, fault.Buffered{Size: 16<<20 + 1}, "buffered: size is 16777217, want 1 to 16777216")
	undoesRaw(t, fault.Buffered{}, wholeBody)
}
