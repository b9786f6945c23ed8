package fault

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// RetryAfterDate asks for a wait until a date by the provider's clock.
type RetryAfterDate struct {
	// When is future, now or past. Default future.
	When string `yaml:"when"`
	// Wait is how far off the date is, and it means nothing for now. Default 30s. Dates have whole
	// seconds.
	Wait time.Duration `yaml:"wait"`
	// Skew is how far the provider's clock is ahead of the client's, in the response's Date as
	// well; a negative one is behind. Default 0.
	Skew time.Duration `yaml:"skew"`
	// Form is imf-fixdate, or one of the two obsolete ones that RFC 9110 §5.6.7 wants to be read
	// all the same: rfc850 or asctime. Default imf-fixdate.
	Form string `yaml:"form"`
	// Status is 429, or 500 to 599. Default 429.
	Status int `yaml:"status"`
}

var (
	_ fakeprovider.Fault     = RetryAfterDate{}
	_ fakeprovider.Step      = RetryAfterDate{}
	_ fakeprovider.Validator = RetryAfterDate{}
)

const defaultDateWait = 30 * time.Second

// The values of RetryAfterDate.When and RetryAfterDate.Form.
const (
	dateFuture = "future"
	dateNow    = "now"
	datePast   = "past"
	dateIMF    = "imf-fixdate"
	dateRFC850 = "rfc850"
	dateASC    = "asctime"
)

// RetryAfterTimes returns the values of RetryAfterDate.When.
func RetryAfterTimes() []string { return []string{dateFuture, dateNow, datePast} }

// DateForms returns the values of RetryAfterDate.Form.
func DateForms() []string { return []string{dateIMF, dateRFC850, dateASC} }

// Info describes the fault.
func (RetryAfterDate) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H3"}, Name: "retry-after-date", Title: "Retry-After is a date, in one of its three forms",
		Why: "Parsers that know only digits ignore it. A date in the past, which any skew of the clocks makes of one " +
			"that is near, turns into a negative sleep: a hot loop, or an exception.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note: "Read all three forms of date against the response's own Date; one that has passed " +
				"asks for no wait.",
		},
		Issues: []string{
			"https://github.com/juju/juju/pull/22007", "https://github.com/openclaw/openclaw/pull/102987",
			"https://github.com/openai/openai-java/issues/853",
			"https://github.com/hashicorp/go-retryablehttp/pull/138",
		},
		Default: RetryAfterDate{When: dateFuture, Wait: defaultDateWait, Form: dateIMF, Status: 429},
	}
}

// Validate refuses words that do not exist, a negative wait, and a status that has none.
func (p RetryAfterDate) Validate() error {
	return errors.Join(
		oneOf("retry-after-date", "when", p.When, RetryAfterTimes()),
		oneOf("retry-after-date", "form", p.Form, DateForms()),
		multiple("retry-after-date", p.Wait, time.Second), waitingStatus("retry-after-date", p.Status),
	)
}

// Script returns the fault itself, as a step, because the date depends on when it is played.
func (p RetryAfterDate) Script() fakeprovider.Script { return fakeprovider.Script{p} }

// Play sends the error.
func (p RetryAfterDate) Play(ctx context.Context, x fakeprovider.Exchange) error {
	now := x.Asked().Now.Add(p.Skew)
	at := now
	switch cmp.Or(p.When, dateFuture) {
	case dateFuture:
		at = now.Add(cmp.Or(p.Wait, defaultDateWait))
	case datePast:
		at = now.Add(-cmp.Or(p.Wait, defaultDateWait))
	}
	fail, _ := waitScript(p.Status, httpDate(at, p.Form))[0].(fakeprovider.Fail)
	fail.Headers["Date"] = httpDate(now, dateIMF)
	return fail.Play(ctx, x)
}

// httpDate formats a date as headers do.
func httpDate(at time.Time, form string) string {
	layouts := []string{http.TimeFormat, "Monday, 02-Jan-06 15:04:05 GMT", time.ANSIC}
	return at.UTC().Format(layouts[max(0, slices.Index(DateForms(), form))])
}

// Words returns the words that scenario files may use.
func (RetryAfterDate) Words() map[string][]string {
	return map[string][]string{"when": RetryAfterTimes(), "form": DateForms()}
}
