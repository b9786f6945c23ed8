package assertions_test

import (
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
)

func TestTimeToFirstContent(t *testing.T) {
	judges(t,
		row{
			"first content in time", fellBack(10),
			assertions.TimeToFirstContent{Max: 11 * time.Second},
			assertions.Passed, "11s",
		},
		row{
			"first content too late", fellBack(10),
			assertions.TimeToFirstContent{Max: 10 * time.Second},
			assertions.Failed, "11s",
		},
		row{
			"no content", failed(),
			assertions.TimeToFirstContent{Max: time.Minute},
			assertions.Failed,
			"unexpected EOF",
		},
	)
}
