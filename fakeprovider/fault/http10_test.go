package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestHTTP10(t *testing.T) {
	t.Parallel()
	shows(t, fault.HTTP10{}, `| HTTP/1.0 200 OK\r\n`, "= read: EOF", "plain: 200 OK")
	undoesRaw(t, fault.HTTP10{}, afterHead)
}
