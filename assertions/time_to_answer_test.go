package assertions_test

import (
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
)

func TestTimeToAnswer(t *testing.T) {
	judges(t,
		row{"answer in time", fellBack(10), assertions.TimeToAnswer{Max: 11 * time.Second}, assertions.Passed, "11s"},
		row{"answer too late", fellBack(10), assertions.TimeToAnswer{Max: 10 * time.Second}, assertions.Failed, "11s"},
	)
}
