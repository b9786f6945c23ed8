package assertions_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

func TestAttempts(t *testing.T) {
	judges(t,
		row{
			"attempts within", fellBack(10),
			assertions.Attempts{"primary": {Min: new(1), Max: new(1)}},
			assertions.Passed, "exactly 1",
		},
		row{
			"too many attempts", with(fellBack(10), at(5, again, timeline.RequestReceived, "")),
			assertions.Attempts{"primary": {Max: new(1)}},
			assertions.Failed, "received 2 requests",
		},
		row{
			"too few attempts", healthy(),
			assertions.Attempts{"secondary": {Min: new(1)}},
			assertions.Failed,
			"received 0 requests",
		},
		row{
			"attempts of a stranger", healthy(),
			assertions.Attempts{"tertiary": {Max: new(1)}},
			assertions.Unknown,
			"no provider tertiary",
		},
		row{
			"cut by the target, and there might have been more", cutByTarget(cut(60), 60),
			assertions.Attempts{"primary": {Max: new(3)}},
			assertions.Unknown,
			"by the target's limits.call: primary received 1 request",
		},
		row{
			"cut by the target, with too few", cutByTarget(cut(60), 60),
			assertions.Attempts{"secondary": {Min: new(1)}},
			assertions.Unknown, "cut after 1m0s",
		},
		row{
			"cut by the target, with enough", cutByTarget(cut(60), 60),
			assertions.Attempts{"primary": {Min: new(1)}},
			assertions.Passed, "at least 1",
		},
		row{
			"cut by the target, with too many", cutByTarget(cut(60), 60),
			assertions.Attempts{"primary": {Max: new(0)}},
			assertions.Failed, "at most 0",
		},
	)
}
