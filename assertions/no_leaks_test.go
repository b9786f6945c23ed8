package assertions_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

func TestNoLeaks(t *testing.T) {
	judges(t,
		row{"nothing left", healthy(), assertions.NoLeaks{}, assertions.Passed, ""},
		row{
			"a connection left", with(healthy(), at(9, timeline.WorldLane, timeline.ConnectionLeaked, "primary:80")),
			assertions.NoLeaks{},
			assertions.Failed, "primary:80",
		},
		row{
			"a goroutine left", with(healthy(), at(9, timeline.WorldLane, timeline.GoroutineLeaked, "main.go:7")),
			assertions.NoLeaks{},
			assertions.Failed, "main.go:7",
		},
	)
}
