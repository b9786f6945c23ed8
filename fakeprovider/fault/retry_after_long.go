package fault

import (
	"cmp"
	"errors"
	"strconv"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// RetryAfterLong asks for a wait that no caller can afford.
type RetryAfterLong struct {
	// Wait is sent as whole seconds. Default 1h, which a spent daily quota was answered with; 24h
	// is a day's.
	Wait time.Duration `yaml:"wait"`
	// Status is 429, or 500 to 599. Default 429.
	Status int `yaml:"status"`
}

var (
	_ fakeprovider.Fault     = RetryAfterLong{}
	_ fakeprovider.Validator = RetryAfterLong{}
)

const defaultLongWait = time.Hour

// Info describes the fault.
func (RetryAfterLong) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H2"}, Name: "retry-after-long", Title: "Retry-After asks for an hour",
		Why: "anthropic-sdk-go sleeps as long as it is told to, others cap the wait and knock again in vain. In " +
			"either case the caller waits beside a provider that would have answered.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack, Once: true,
			Note: "Ask the next provider at once; if there is none, say in the error how long the wait " +
				"would be.",
		},
		Issues: []string{
			"https://github.com/google-gemini/gemini-cli/issues/10925", "https://github.com/vercel/ai/issues/5018",
		},
		Default: RetryAfterLong{Wait: defaultLongWait, Status: 429},
	}
}

// Validate refuses a fraction of a second, a negative wait, and a status that has none.
func (p RetryAfterLong) Validate() error {
	return errors.Join(multiple("retry-after-long", p.Wait, time.Second), waitingStatus("retry-after-long", p.Status))
}

// Script sends the error.
func (p RetryAfterLong) Script() fakeprovider.Script {
	return waitScript(p.Status, strconv.Itoa(int(cmp.Or(p.Wait, defaultLongWait)/time.Second)))
}
