package fault

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// RetryAfterAbsurd asks for a wait that does not fit into 64 bits.
type RetryAfterAbsurd struct {
	// Value is digits, sent as they stand: seconds. Default 9223372036854775808, one more than
	// fits into 64 bits. The least is 9223372037, one more than Go's time.Duration can hold, which
	// is a wait of 292 years.
	Value string `yaml:"value"`
	// Status is 429, or 500 to 599. Default 429.
	Status int `yaml:"status"`
}

var (
	_ fakeprovider.Fault     = RetryAfterAbsurd{}
	_ fakeprovider.Validator = RetryAfterAbsurd{}
)

const (
	defaultAbsurd = "9223372036854775808"
	leastAbsurd   = math.MaxInt64/int64(time.Second) + 1
)

// Info describes the fault.
func (RetryAfterAbsurd) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H3"}, Name: "retry-after-absurd", Title: "Retry-After does not fit into 64 bits",
		Why: "Multiplied into nanoseconds it wraps around, the sleep is negative, and a provider that asked to be " +
			"left alone for ever gets a burst of requests. Elsewhere it is an overflow error that nobody catches.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack, Once: true,
			Note: "Treat it as any long wait: ask the next provider at once, and not this one again.",
		},
		Issues: []string{
			"https://github.com/hashicorp/go-retryablehttp/pull/297", "https://github.com/urllib3/urllib3/pull/3743",
			"https://github.com/openai/openai-python/pull/3799",
		},
		Default: RetryAfterAbsurd{Value: defaultAbsurd, Status: 429},
	}
}

// Validate refuses a number that fits, one of more than 1000 digits, and a status that has no
// wait.
func (p RetryAfterAbsurd) Validate() error {
	const mostDigits = 1000
	err := waitingStatus("retry-after-absurd", p.Status)
	value := cmp.Or(p.Value, defaultAbsurd)
	n, tooLarge := strconv.ParseInt(value, 10, 64)
	if strings.Trim(value, decimals) != "" || len(value) > mostDigits || tooLarge == nil && n < leastAbsurd {
		err = errors.Join(err,
			fmt.Errorf("retry-after-absurd: value is %q, want a number from %d on, of up to %d digits", value,
				leastAbsurd, mostDigits))
	}
	return err
}

// Script sends the error.
func (p RetryAfterAbsurd) Script() fakeprovider.Script {
	return waitScript(p.Status, cmp.Or(p.Value, defaultAbsurd))
}
