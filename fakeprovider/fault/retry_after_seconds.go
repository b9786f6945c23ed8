package fault

import (
	"cmp"
	"errors"
	"strconv"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// RetryAfterSeconds asks for a short wait.
type RetryAfterSeconds struct {
	// Wait is sent as whole seconds, which a client counts on its own clock. Default 2s.
	Wait time.Duration `yaml:"wait"`
	// Status is 429, or 500 to 599. Default 429.
	Status int `yaml:"status"`
}

var (
	_ fakeprovider.Fault     = RetryAfterSeconds{}
	_ fakeprovider.Validator = RetryAfterSeconds{}
)

const defaultShortWait = 2 * time.Second

// Info describes the fault.
func (RetryAfterSeconds) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H1"}, Name: "retry-after-seconds", Title: "Retry-After asks for a few seconds",
		Why: "The provider says when it will answer again. Who asks sooner is refused again and uses up retries, and " +
			"who does not look waits by a schedule of his own.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Wait at least that long before you ask the same provider, or ask the next one at once.",
		},
		Issues:  []string{"https://github.com/vercel/ai/issues/7247", "https://github.com/BerriAI/litellm/issues/4387"},
		Default: RetryAfterSeconds{Wait: defaultShortWait, Status: 429},
	}
}

// Validate refuses a fraction of a second, a negative wait, and a status that has none.
func (p RetryAfterSeconds) Validate() error {
	return errors.Join(multiple("retry-after-seconds", p.Wait, time.Second),
		waitingStatus("retry-after-seconds", p.Status))
}

// Script sends the error.
func (p RetryAfterSeconds) Script() fakeprovider.Script {
	return waitScript(p.Status, strconv.Itoa(int(cmp.Or(p.Wait, defaultShortWait)/time.Second)))
}
