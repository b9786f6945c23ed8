package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestMidStreamDrop(t *testing.T) {
	t.Parallel()
	shows(t, fault.MidStreamDrop{},
		`"content":" five-primary"`,
		"= read: EOF",
		"plain: 200 OK",
		"then read: unexpected EOF",
		"unexpected EOF",
	)
	bounds(t, fault.MidStreamDrop{})
}
