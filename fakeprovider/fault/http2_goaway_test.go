package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestHTTP2GoAway(t *testing.T) {
	t.Parallel()
	shows(t, fault.HTTP2GoAway{},
		`"content":" five-primary"`,
		"| < GOAWAY last stream 1 NO_ERROR\\n\n@ 501.191ms\n= read: EOF",
		"plain: 200 OK",
		"http2: server sent GOAWAY and closed the connection; LastStreamID=1, ErrCode=NO_ERROR",
	)
	bounds(t, fault.HTTP2GoAway{})
}
