package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestEdgePage(t *testing.T) {
	t.Parallel()
	shows(t, fault.EdgePage{},
		"HTTP/1.1 520 ",
		`| Content-Type: text/html\r\n`,
		"Web server is returning an unknown error",
	)
	bounds(t, fault.EdgePage{})
	also(t, fault.EdgePage{Status: 524}, "HTTP/1.1 524 ", "<title>524 A timeout occurred</title>")
	also(t, fault.EdgePage{Status: 504}, "HTTP/1.1 504 ", "<title>504 Gateway Timeout</title>")
	refuses(t, fault.EdgePage{Status: 500}, "edge-page: status is 500, want 502 to 504 or 520 to 524")
	refuses(t, fault.EdgePage{Status: 525}, "edge-page: status is 525")
}
