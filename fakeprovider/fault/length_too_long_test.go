package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestLengthTooLong(t *testing.T) {
	t.Parallel()
	shows(t, fault.LengthTooLong{},
		`| Content-Length: 1048576\r\n`,
		"data: [DONE]",
		"= read: EOF",
		"then read: unexpected EOF",
	)
	bounds(t, fault.LengthTooLong{})
	also(t, fault.LengthTooLong{Length: 5000}, `Content-Length: 5000\r\n`, "then read: unexpected EOF")
	refuses(t, fault.LengthTooLong{Length: -1}, "length-too-long: length is -1, want 1 to 1073741824")
	undoesRaw(t, fault.LengthTooLong{}, afterHead)
}
