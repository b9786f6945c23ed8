package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestRedirectDowngrade(t *testing.T) {
	t.Parallel()
	shows(t, fault.RedirectDowngrade{},
		"HTTP/1.1 301 Moved Permanently",
		"plain: 301 to GET http://ADDRESS/v1/chat/completions?redirected=1; 405 Method Not Allowed",
	)
	bounds(t, fault.RedirectDowngrade{})
	also(t, fault.RedirectDowngrade{Status: 302}, "302 to GET http://ADDRESS", "; 405 Method Not Allowed")
	also(t, fault.RedirectDowngrade{Status: 303}, "303 to GET http://ADDRESS", "; 405 Method Not Allowed")
	refuses(t, fault.RedirectDowngrade{Status: 307}, "redirect-downgrade: status is 307, want one of 301, 302, 3")
}
