package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestHTTP2SettingsStall(t *testing.T) {
	t.Parallel()
	shows(t, fault.HTTP2SettingsStall{},
		"@ 0s\n| * h2 is agreed on\\n\n@ 1m4.5s\n= read: nothing more\nplain: request: nothing more",
	)
}

func TestHTTP2WindowStall(t *testing.T) {
	t.Parallel()
	asking{Body: 1 << 20}.shows(t, fault.HTTP2WindowStall{},
		"| < SETTINGS [INITIAL_WINDOW_SIZE = 0]\\n",
		"= read: nothing more\nplain: request: nothing more",
	)
}
