package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestWhitespaceBeforeJSON(t *testing.T) {
	t.Parallel()
	shows(t, fault.WhitespaceBeforeJSON{},
		`| 1\r\n`,
		"@ 15.001191s",
		"@ 30.001191s",
		"@ 45.001191s",
		"data: [DONE]",
	)
	bounds(t, fault.WhitespaceBeforeJSON{})
	refuses(t, fault.WhitespaceBeforeJSON{Status: 204}, "")
}
