package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestRedirectLoop(t *testing.T) {
	t.Parallel()
	shows(t, fault.RedirectLoop{},
		`| Location: http://ADDRESS/v1/chat/completions\r\n`,
		"307 to POST http://ADDRESS/v1/chat/completions, the first of 9; ",
		"stopped after 10 redirects",
	)
	bounds(t, fault.RedirectLoop{})
	also(t, fault.RedirectLoop{Status: 308}, "308 to POST http://ADDRESS", "stopped after 10 redirects")
	also(t, fault.RedirectLoop{Status: 302}, "302 to GET http://ADDRESS", "405 Method Not Allowed")
	refuses(t, fault.RedirectLoop{Status: 300}, "redirect-loop: status is 300")
}
