package fault

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// RetryAfterNegative asks for a negative wait.
type RetryAfterNegative struct {
	// Value is a minus and digits, sent as it stands: seconds. Default "-5".
	Value string `yaml:"value"`
	// Status is 429, or 500 to 599. Default 429.
	Status int `yaml:"status"`
}

var (
	_ fakeprovider.Fault     = RetryAfterNegative{}
	_ fakeprovider.Validator = RetryAfterNegative{}
)

const defaultNegative = "-5"

// Info describes the fault.
func (RetryAfterNegative) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H3"}, Name: "retry-after-negative", Title: "Retry-After is negative",
		Why: "Passed on to a timer it fires at once, and every retry is gone within a moment; other sleeps throw.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Ignore it, and use a backoff of your own.",
		},
		Issues:  []string{"https://github.com/openai/openai-java/issues/853"},
		Default: RetryAfterNegative{Value: defaultNegative, Status: 429},
	}
}

// Validate refuses a value that is no negative number, and a status that has no wait.
func (p RetryAfterNegative) Validate() error {
	err := waitingStatus("retry-after-negative", p.Status)
	if number, minus := strings.CutPrefix(cmp.Or(p.Value, defaultNegative), "-"); !minus ||
		strings.Trim(number, decimals) != "" || strings.Trim(number, "0") == "" {
		err = errors.Join(err,
			fmt.Errorf("retry-after-negative: value is %q, want a negative number of seconds", p.Value))
	}
	return err
}

// Script sends the error.
func (p RetryAfterNegative) Script() fakeprovider.Script {
	return waitScript(p.Status, cmp.Or(p.Value, defaultNegative))
}
