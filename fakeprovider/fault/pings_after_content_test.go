package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestPingsAfterContent(t *testing.T) {
	t.Parallel()
	shows(t, fault.PingsAfterContent{},
		`"delta":{"content":" five-primary"}`,
		`| : keep-alive\n`,
		"= read: nothing more",
	)
	bounds(t, fault.PingsAfterContent{})
}
