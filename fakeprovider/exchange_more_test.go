package fakeprovider_test

import (
	"errors"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// TestExchangeWithoutMore asks an exchange with eight methods for what only some exchanges can
// do. A fault that needs it gets an error that says so.
func TestExchangeWithoutMore(t *testing.T) {
	t.Parallel()
	x := &tape{}
	if _, err := fakeprovider.TakeWire(x); !errors.Is(err, fakeprovider.ErrNoWire) {
		t.Errorf("TakeWire: %v, want ErrNoWire", err)
	}
	if _, err := fakeprovider.TakeHTTP2(x); !errors.Is(err, fakeprovider.ErrNoHTTP2) {
		t.Errorf("TakeHTTP2: %v, want ErrNoHTTP2", err)
	}
	if err := fakeprovider.Speak(x, protocol.Gemini{}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Speak: %v, want ErrUnsupported", err)
	}
	if err := fakeprovider.Whole(x); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Whole: %v, want ErrUnsupported", err)
	}
}
