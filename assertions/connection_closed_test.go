package assertions_test

import (
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

func TestConnectionClosed(t *testing.T) {
	judges(t,
		row{
			"closed at once", fellBack(10),
			assertions.ConnectionClosed{Provider: "primary", Within: time.Second},
			assertions.Passed, "",
		},
		row{
			"never closed", answered(),
			assertions.ConnectionClosed{Provider: "primary", Within: time.Second},
			assertions.Failed, "never closed",
		},
		row{
			"closed late", with(answered(), at(12.5, first, timeline.ClientDisconnected, "")),
			assertions.ConnectionClosed{Provider: "primary", Within: time.Second},
			assertions.Failed, "closed 1.5s after",
		},
		row{
			"left open beside a retry", with(failed(), at(0.5, again, timeline.RequestReceived, "")),
			assertions.ConnectionClosed{Provider: "primary", Within: 100 * time.Millisecond},
			assertions.Failed, "",
		},
		row{
			"never asked", healthy(),
			assertions.ConnectionClosed{Provider: "secondary", Within: time.Second},
			assertions.Unknown, "received no request",
		},
	)
}
