package fault

import (
	"cmp"
	"errors"
	"fmt"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The headers that speak of a wait. The second is that of Azure, OpenAI and their SDKs, in thousandths of a second.
const (
	retryAfter   = "Retry-After"
	retryAfterMS = "Retry-After-Ms"
)

// toldToWait is a rate limit, or another error, with a wait in Retry-After and nowhere else. Azure's own 429 has one in each header.
func toldToWait(status int, value string) fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Fail{Status: cmp.Or(status, http.StatusTooManyRequests), RetryAfter: value, Headers: map[string]string{retryAfterMS: ""}}}
}

// waitingStatus refuses a status that comes without a wait: of the errors, 429 and those of the 500s may have one.
func waitingStatus(fault string, status int) error {
	if status == 0 || status == http.StatusTooManyRequests || status >= 500 && status <= 599 {
		return nil
	}
	return fmt.Errorf("%s: status is %d, want 429 or 500 to 599", fault, status)
}

// statusAmong refuses a status that is none of a few; 0 is the default.
func statusAmong(fault string, status int, few ...int) error {
	if status == 0 || slices.Contains(few, status) {
		return nil
	}
	words := make([]string, len(few))
	for i, s := range few {
		words[i] = strconv.Itoa(s)
	}
	return fmt.Errorf("%s: status is %d, want one of %s", fault, status, strings.Join(words, ", "))
}

// wordAmong refuses a word that is none of a few; "" is the default.
func wordAmong(fault, field, word string, few []string) error {
	if word == "" || slices.Contains(few, word) {
		return nil
	}
	return fmt.Errorf("%s: %s is %q, want one of %s", fault, field, word, strings.Join(few, ", "))
}

// sizeWithin refuses a number outside of a range; 0 is the default.
func sizeWithin(fault, field string, n, least, most int) error {
	if n == 0 || n >= least && n <= most {
		return nil
	}
	return fmt.Errorf("%s: %s is %d, want %d to %d", fault, field, n, least, most)
}

// multiple refuses a negative wait, and one that is no multiple of the unit in which it is sent.
func multiple(fault string, wait, unit time.Duration) error {
	err := notNegative(fault, "wait", wait)
	if wait%unit != 0 {
		err = errors.Join(err, fmt.Errorf("%s: wait is %s, want a multiple of %s", fault, wait, unit))
	}
	return err
}
