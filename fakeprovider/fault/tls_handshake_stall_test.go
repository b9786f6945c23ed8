package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestTLSHandshakeStall(t *testing.T) {
	t.Parallel()
	shows(t, fault.TLSHandshakeStall{},
		"@ 1m4.5s\n= handshake: nothing more",
		"plain: request: nothing more",
	)
}
