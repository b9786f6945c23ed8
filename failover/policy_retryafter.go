package failover

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// RetryAfter says when a wait that the provider asks for replaces the policy's own.
type RetryAfter struct {
	// Reasons lists the reasons for which the provider's wait counts. Default: none.
	Reasons []Reason `yaml:"reasons"`
	// Forms lists the spellings of the wait that are understood. Default: all.
	Forms []WaitForm `yaml:"forms"`
	// Cap is the longest wait that a provider is granted. Default: 0, any.
	Cap time.Duration `yaml:"cap"`
	// Patience is the longest wait, before the cap, that the engine accepts while another provider
	// is left. After a longer one it asks the next provider at once. Default: 0, any.
	Patience time.Duration `yaml:"patience"`
	// WithinDeadline leaves the provider at once if the wait before its next attempt, or the one
	// that the provider asks for before the cap, would reach the call's deadline. The error then
	// says how long that is. Default: false.
	WithinDeadline bool `yaml:"within_deadline"`
	// ObeyShouldRetry listens to X-Should-Retry: false asks the provider no more, true lifts
	// NoRetry. Both SDKs do so in their own retries. Default: false.
	ObeyShouldRetry bool `yaml:"obey_should_retry"`
}

// A WaitForm is a spelling of a wait in a response.
type WaitForm string

const (
	// WaitSeconds are whole seconds in Retry-After.
	WaitSeconds WaitForm = "seconds"
	// WaitFraction are seconds there, with a fraction or without.
	WaitFraction WaitForm = "fraction"
	// WaitDate is an HTTP date there. A date that has passed asks for no wait.
	WaitDate WaitForm = "date"
	// WaitMilliseconds are the milliseconds of Retry-After-Ms, which goes before Retry-After.
	WaitMilliseconds WaitForm = "milliseconds"
	// WaitBody is the wait in the body, see [AttemptError.RetryDelay]. The headers go before it.
	WaitBody WaitForm = "body"
	// WaitWords is the wait in the error's message, as in "try again in 1.78s". Everything else
	// goes before it.
	WaitWords WaitForm = "words"
)

func waitForms() []WaitForm {
	return []WaitForm{WaitSeconds, WaitFraction, WaitDate, WaitMilliseconds, WaitBody, WaitWords}
}

// UnmarshalText reads a form by its name. An unknown name is an error that suggests a near one.
func (w *WaitForm) UnmarshalText(text []byte) error { return readWord(w, text, "form", waitForms()) }

// asked returns the wait that the provider asked for, uncapped, and whether the policy listens to
// it. It ignores a negative or malformed wait. speed is how many times faster than the provider's
// clock time runs.
func (r RetryAfter) asked(f *AttemptError, speed float64) (time.Duration, bool) {
	if !slices.Contains(r.Reasons, f.Reason) {
		return 0, false
	}
	knows := func(form WaitForm) bool { return len(r.Forms) == 0 || slices.Contains(r.Forms, form) }
	text := strings.TrimSpace(f.RetryAfter)
	if ms, _, ok := plainNumber(strings.TrimSpace(f.RetryAfterMS)); ok && knows(WaitMilliseconds) {
		return waitOf(ms/1000, speed), true
	}
	if seconds, whole, ok := plainNumber(text); ok {
		return waitOf(seconds, speed), (whole && knows(WaitSeconds)) || knows(WaitFraction)
	}
	if at, err := http.ParseTime(text); err == nil && knows(WaitDate) {
		return waitOf(max(0, time.Until(at).Seconds()), speed), true
	}
	if text, ok := strings.CutSuffix(f.RetryDelay, "s"); ok && knows(WaitBody) {
		seconds, _, ok := plainNumber(text)
		return waitOf(seconds, speed), ok
	}
	if seconds, ok := wordedWait(f.Message); ok && knows(WaitWords) {
		return waitOf(seconds, speed), true
	}
	return 0, false
}

// plainNumber reads digits with at most one point. strconv accepts forms that a header may not
// hold.
func plainNumber(text string) (value float64, whole, ok bool) {
	if strings.Trim(text, "0123456789.") != "" {
		return 0, false, false
	}
	value, err := strconv.ParseFloat(text, 64)
	return value, !strings.Contains(text, "."), err == nil
}

// waitOf returns seconds of a provider's clock as a wait. More than a year is a year.
func waitOf(seconds, speed float64) time.Duration {
	const year = 365 * 24 * time.Hour
	return time.Duration(math.Min(seconds, year.Seconds()) * float64(time.Second) / speed)
}

// capped returns what the policy grants of a wait.
func (r RetryAfter) capped(d time.Duration) time.Duration {
	if r.Cap > 0 {
		return min(d, r.Cap)
	}
	return d
}
