package failover

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// RetryAfter says when a provider's Retry-After header replaces the backoff.
type RetryAfter struct {
	// Reasons are those for which the header is looked at. Empty: never.
	Reasons []Reason `yaml:"reasons"`
	// Cap is the longest wait that a provider is granted; 0 grants any.
	Cap time.Duration `yaml:"cap"`
}

// wait returns the wait that the provider asked for, and whether it asked for one that the policy listens to. Whole
// seconds are understood, as in the reported engine; speed is how many times faster than the provider's clock time runs.
func (r RetryAfter) wait(f *AttemptError, speed float64) (time.Duration, bool) {
	if !slices.Contains(r.Reasons, f.Reason) {
		return 0, false
	}
	seconds, err := strconv.ParseInt(strings.TrimSpace(f.RetryAfter), 10, 32)
	if err != nil || seconds < 0 {
		return 0, false
	}
	d := time.Duration(float64(seconds) * float64(time.Second) / speed)
	if r.Cap > 0 {
		d = min(d, r.Cap)
	}
	return d, true
}
