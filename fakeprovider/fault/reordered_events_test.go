package fault_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
)

func TestReorderedEvents(t *testing.T) {
	t.Parallel()
	shows(t, fault.ReorderedEvents{}, `"delta":{"content":" four-primary"}`, "whole")
	bounds(t, fault.ReorderedEvents{})
	undoes(t, fault.ReorderedEvents{}, reordered)
}

// reordered returns the healthy body if two neighbours have changed places.
func reordered(t *testing.T, got rig.Reply, healthy string) string {
	t.Helper()
	a, b := strings.SplitAfter(lines(got.Body), "\n\n"), strings.SplitAfter(lines(healthy), "\n\n")
	for i := range min(len(a), len(b)) - 1 {
		if a[i] == b[i] {
			continue
		}
		a[i], a[i+1] = a[i+1], a[i]
		if slices.Equal(a, b) {
			return healthy
		}
		break
	}
	return got.Body
}
