package fault

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// RetryAfterGarbage asks for a wait in words that mean nothing.
type RetryAfterGarbage struct {
	// Value is sent as it stands: neither a number nor a date. Default "soon".
	Value string `yaml:"value"`
	// Status is 429, or 500 to 599. Default 429.
	Status int `yaml:"status"`
}

var (
	_ fakeprovider.Fault     = RetryAfterGarbage{}
	_ fakeprovider.Validator = RetryAfterGarbage{}
)

const defaultGarbage = "soon"

// Info describes the fault.
func (RetryAfterGarbage) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H3"}, Name: "retry-after-garbage", Title: "Retry-After is neither a number nor a date",
		Why: "A lenient date parser makes a far future of it, a strict one an exception in the middle of error " +
			"handling.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Ignore it, and use a backoff of your own.",
		},
		Issues:  []string{"https://github.com/openclaw/openclaw/pull/105479"},
		Default: RetryAfterGarbage{Value: defaultGarbage, Status: 429},
	}
}

// Validate refuses a value that means something, one that no header can have, and a status that
// has no wait.
func (p RetryAfterGarbage) Validate() error {
	err := waitingStatus("retry-after-garbage", p.Status)
	value := cmp.Or(p.Value, defaultGarbage)
	_, noNumber := strconv.ParseFloat(value, 64)
	_, noDate := http.ParseTime(value)
	switch {
	case noNumber == nil || errors.Is(noNumber, strconv.ErrRange) || noDate == nil:
		err = errors.Join(err, fmt.Errorf("retry-after-garbage: value is %q, which means something", value))
	case strings.ContainsAny(value, "\r\n"):
		err = errors.Join(err, fmt.Errorf("retry-after-garbage: value is %q, want one line", value))
	}
	return err
}

// Script sends the error.
func (p RetryAfterGarbage) Script() fakeprovider.Script {
	return waitScript(p.Status, cmp.Or(p.Value, defaultGarbage))
}
