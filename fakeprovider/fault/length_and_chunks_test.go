package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestLengthAndChunks(t *testing.T) {
	t.Parallel()
	shows(t, fault.LengthAndChunks{},
		`| Content-Length: 16\r\n`,
		`| Transfer-Encoding: chunked\r\n`,
		"= read: EOF",
		"plain: 200 OK",
	)
	undoesRaw(t, fault.LengthAndChunks{}, wholeBody)
}
