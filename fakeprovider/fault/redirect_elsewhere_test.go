package fault_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func TestRedirectElsewhere(t *testing.T) {
	t.Parallel()
	shows(t, fault.RedirectElsewhere{},
		"HTTP/1.1 307 Temporary Redirect",
		`| Location: http://ELSEWHERE/v1/chat/completions?redirected=1\r\n`,
		"plain: 307 to POST http://ELSEWHERE/v1/chat/completions?redirected=1 without Authorization; 401 Unauthorized",
	)
	bounds(t, fault.RedirectElsewhere{})
	also(t, fault.RedirectElsewhere{Status: 308}, "308 to POST http://ELSEWHERE",
		"without Authorization; 401 Unauthorized")
	also(t, fault.RedirectElsewhere{Status: 301}, "301 to GET http://ELSEWHERE",
		"without Authorization; 405 Method Not Allowed")
	also(t, fault.RedirectElsewhere{Status: 302}, "302 to GET http://ELSEWHERE",
		"without Authorization; 405 Method Not Allowed")
	refuses(t, fault.RedirectElsewhere{Status: 303}, "redirect-elsewhere: status is 303")
}

// TestRedirectedCredentials says what net/http makes of a redirect to another origin:
// Authorization stays behind, a header of the vendor's own goes along.
func TestRedirectedCredentials(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			t.Parallel()
			got := asking{}.seenOf(t, fault.RedirectElsewhere{}, p)
			status := http.StatusOK
			if p.About().Stream.Header["Authorization"] != "" {
				status = http.StatusUnauthorized
			}
			want := fmt.Sprintf("without Authorization; %d %s", status, http.StatusText(status))
			if !strings.Contains(got, want) {
				t.Errorf("it does not show %q:\n%s", want, got)
			}
		})
	}
}
