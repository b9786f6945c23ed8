package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestHeartbeatOnly(t *testing.T) {
	t.Parallel()
	shows(t, fault.HeartbeatOnly{},
		": ",
		"= read: nothing more",
		"plain: 200 OK, a body that does not end",
	)
	bounds(t, fault.HeartbeatOnly{})
}
