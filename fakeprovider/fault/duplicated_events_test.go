package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestDuplicatedEvents(t *testing.T) {
	t.Parallel()
	shows(t, fault.DuplicatedEvents{}, `"delta":{"content":" three-primary"}`, "whole")
	bounds(t, fault.DuplicatedEvents{})
	undoes(t, fault.DuplicatedEvents{}, inserted)
	undoes(t, fault.DuplicatedEvents{After: 1}, inserted)
}
