package fault

import (
	"cmp"
	"errors"
	"strconv"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// RetryAfterFraction asks for a wait with a fraction of a second.
type RetryAfterFraction struct {
	// Wait is sent as seconds with up to three digits after the point. Default 1500ms, "1.5".
	Wait time.Duration `yaml:"wait"`
	// Status is 429, or 500 to 599. Default 429.
	Status int `yaml:"status"`
}

var (
	_ fakeprovider.Fault     = RetryAfterFraction{}
	_ fakeprovider.Validator = RetryAfterFraction{}
)

const defaultFraction = 1500 * time.Millisecond

// Info describes the fault.
func (RetryAfterFraction) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H3"}, Name: "retry-after-fraction", Title: "Retry-After has a fraction of a second",
		Why: "RFC 9110 §10.2.3 knows digits alone, and rate limiters subtract two times and send what comes out. A " +
			"parser of integers crashes on it, or ignores the wait.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Wait that long or a little longer, never less.",
		},
		Issues: []string{
			"https://github.com/NousResearch/hermes-agent/pull/24705", "https://github.com/urllib3/urllib3/issues/2861",
			"https://github.com/opensearch-project/data-prepper/issues/6927",
		},
		Default: RetryAfterFraction{Wait: defaultFraction, Status: 429},
	}
}

// Validate refuses fractions of a millisecond, a negative wait, and a status that has none.
func (p RetryAfterFraction) Validate() error {
	return errors.Join(multiple("retry-after-fraction", p.Wait, time.Millisecond),
		waitingStatus("retry-after-fraction", p.Status))
}

// Script sends the error.
func (p RetryAfterFraction) Script() fakeprovider.Script {
	return waitScript(p.Status, strconv.FormatFloat(cmp.Or(p.Wait, defaultFraction).Seconds(), 'f', -1, 64))
}
