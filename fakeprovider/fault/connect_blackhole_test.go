package fault_test

import (
	"errors"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func TestConnectBlackhole(t *testing.T) {
	t.Parallel()
	shows(t, fault.ConnectBlackhole{},
		"@ 1m4.5s\n= dial: nothing more",
		"plain: request: nothing more",
	)
	bounds(t, fault.ConnectBlackhole{})
}

// The kernel gives up in the end, whatever the client does.
func TestABlackholeEndsWithTheKernel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := rig.VirtualSite(t, fault.ConnectBlackhole{}, protocol.OpenAIChat{}, true)
		start := time.Now()
		if _, err := s.Dial(t.Context(), "tcp", s.Address); !errors.Is(err, syscall.ETIMEDOUT) ||
			time.Since(start) != 127*time.Second {
			t.Errorf("%v after %s", err, time.Since(start))
		}
	})
}
