package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestLengthTooShort(t *testing.T) {
	t.Parallel()
	shows(t, fault.LengthTooShort{},
		`| Content-Length: 256\r\n`,
		"data: [DONE]",
		"plain: 200 OK, 256 bytes of body, whole",
	)
	bounds(t, fault.LengthTooShort{})
	also(t, fault.LengthTooShort{Length: 1}, `Content-Length: 1\r\n`, "plain: 200 OK, 1 bytes of body, whole")
	refuses(t, fault.LengthTooShort{Length: -1}, "length-too-short: length is -1")
	undoesRaw(t, fault.LengthTooShort{}, afterHead)
}
