package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestRequestTooLarge(t *testing.T) {
	t.Parallel()
	shows(t, fault.RequestTooLarge{},
		"HTTP/1.1 413 Request Entity Too Large",
		`| Content-Type: text/html\r\n`,
		"<hr><center>cloudflare",
	)
}
