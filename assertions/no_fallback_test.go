package assertions_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/assertions"
)

func TestNoFallback(t *testing.T) {
	judges(t,
		row{"stayed", healthy(), assertions.NoFallback{}, assertions.Passed, ""},
		row{
			"abandoned", fellBack(10),
			assertions.NoFallback{},
			assertions.Failed,
			"secondary received a request after 10s",
		},
		row{
			"cut by the target before it could", cutByTarget(cut(60), 60),
			assertions.NoFallback{},
			assertions.Unknown,
			"before the engine could fall back",
		},
	)
}
