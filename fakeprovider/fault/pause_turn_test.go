package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestPauseTurn(t *testing.T) {
	t.Parallel()
	shows(t, fault.PauseTurn{}, `{"type":"message_delta","delta":{"stop_reason":"pause_turn"`)
	bounds(t, fault.PauseTurn{})
}
