package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestRequestUnread(t *testing.T) {
	t.Parallel()
	asking{Body: 1 << 20}.shows(t, fault.RequestUnread{},
		"@ 1m4.5s\n= write: nothing more",
		"plain: request: nothing more",
	)
}
