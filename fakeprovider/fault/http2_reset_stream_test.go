package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestHTTP2ResetStream(t *testing.T) {
	t.Parallel()
	shows(t, fault.HTTP2ResetStream{},
		"| :status: 200",
		`"content":" five-primary"`,
		"| < RST_STREAM stream 1 INTERNAL_ERROR\\n\n@ 1m4.5s\n= read: nothing more",
		"plain: 200 OK",
		"then read: stream error: stream ID 1; INTERNAL_ERROR; received from peer",
	)
	bounds(t, fault.HTTP2ResetStream{})
}
