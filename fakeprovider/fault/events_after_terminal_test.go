package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestEventsAfterTerminal(t *testing.T) {
	t.Parallel()
	shows(t, fault.EventsAfterTerminal{}, "data: [DONE]", "whole")
	undoes(t, fault.EventsAfterTerminal{}, inserted)
}
