package fault

import (
	"cmp"
	"fmt"
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// The headers that ask for a wait. Azure, OpenAI and their SDKs use the second one, in
// milliseconds.
const (
	retryAfter   = "Retry-After"
	retryAfterMS = "Retry-After-Ms"
)

// waitScript returns an error, by default a rate limit, with a wait in Retry-After and nowhere
// else. Azure's own 429 has one in each header.
func waitScript(status int, value string) fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Fail{
		Status: cmp.Or(status, http.StatusTooManyRequests), RetryAfter: value,
		Headers: map[string]string{retryAfterMS: ""},
	}}
}

// waitingStatus refuses a status that has no wait. 429 and the 5xx may have one.
func waitingStatus(fault string, status int) error {
	if status == 0 || status == http.StatusTooManyRequests || status >= 500 && status <= 599 {
		return nil
	}
	return fmt.Errorf("%s: status is %d, want 429 or 500 to 599", fault, status)
}
