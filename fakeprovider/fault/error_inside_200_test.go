package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestErrorInside200(t *testing.T) {
	t.Parallel()
	shows(t, fault.ErrorInside200{},
		"HTTP/1.1 200 OK",
		`| Content-Type: application/json\r\n`,
		`"type": "server_error"`,
	)
	bounds(t, fault.ErrorInside200{}, "Code")
	also(t, fault.ErrorInside200{Type: "event-stream", Status: 429}, "HTTP/1.1 200 ",
		`Content-Type: text/event-stream; charset=utf-8\r\n`, `"code": "rate_limit_exceeded"`)
	refuses(t, fault.ErrorInside200{Type: "html"}, `error-inside-200: type is "html", want one of json, event-s`)
	refuses(t, fault.ErrorInside200{Status: 200}, "error-inside-200: status is 200, want 400 to 599")
}
