package fault

import (
	"cmp"
	"fmt"
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
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
