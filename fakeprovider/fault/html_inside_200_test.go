package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestHTMLInside200(t *testing.T) {
	t.Parallel()
	shows(t, fault.HTMLInside200{},
		"HTTP/1.1 200 OK",
		`| Content-Type: text/html; charset=utf-8\r\n`,
		"<h1>Sign in to continue",
	)
}
