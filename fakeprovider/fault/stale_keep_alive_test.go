package fault_test

import (
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func TestStaleKeepAlive(t *testing.T) {
	t.Parallel()
	asking{Requests: 2}.shows(t, fault.StaleKeepAlive{},
		"data: [DONE]",
		"= read: read: connection reset by peer",
		"plain: request: read: connection reset by peer",
	)
	bounds(t, fault.StaleKeepAlive{})
}

// A connection that has not idled for long enough is not stale, nor is a new one.
func TestStaleKeepAliveAfterAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := rig.VirtualSite(t, fault.StaleKeepAlive{Idle: 5 * time.Minute, How: fakeprovider.Cut},
			protocol.OpenAIChat{}, true)
		client, closeIdle := s.Client()
		defer closeIdle()
		for _, step := range []struct {
			pause time.Duration
			want  error
		}{{0, nil}, {4 * time.Minute, nil}, {6 * time.Minute, io.EOF}, {0, nil}} {
			time.Sleep(step.pause) // virtual
			if _, _, err := rig.Exchange(t, client, s.Request(t)); !errors.Is(err, step.want) {
				t.Errorf("after %s: %v, want %v", step.pause, err, step.want)
			}
		}
	})
}
