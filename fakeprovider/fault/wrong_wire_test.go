package fault_test

import (
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
)

func TestWrongWire(t *testing.T) {
	t.Parallel()
	shows(t, fault.WrongWire{}, `event: message_start\n`, `event: message_stop\n`, "whole")
	bounds(t, fault.WrongWire{}, "Protocol")
	undoes(t, fault.WrongWire{}, foreign)
}

// foreign wants the answer in another protocol than the healthy one, and puts nothing back.
func foreign(t *testing.T, got rig.Reply, healthy string) string {
	t.Helper()
	if got.Body == healthy || got.Err != nil {
		t.Errorf("it is the answer in its own protocol, or ended with %v", got.Err)
	}
	for word := range strings.FieldsSeq(fakeprovider.Canary("primary")) {
		if !strings.Contains(got.Body, word) {
			t.Errorf("%q is not in the answer: %s", word, got.Body)
		}
	}
	own, others := "chat.completion", `"role":"assistant"`
	if strings.Contains(healthy, `"end_turn"`) {
		if !strings.Contains(got.Body, own) {
			t.Errorf("Anthropic's answer comes as %s", got.Body)
		}
	} else if !strings.Contains(got.Body, `"end_turn"`) || !strings.Contains(got.Body, others) {
		t.Errorf("it is not Anthropic's: %s", got.Body)
	}
	return healthy
}
