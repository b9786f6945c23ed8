package fault_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestInformational(t *testing.T) {
	t.Parallel()
	shows(t, fault.Informational{},
		`| HTTP/1.1 103 Early Hints\r\n`,
		`| HTTP/1.1 200 OK\r\n`,
		"plain: 200 OK",
	)
	bounds(t, fault.Informational{})
	also(t, fault.Informational{Status: 102, Times: 3},
		strings.Repeat(`| HTTP/1.1 102 Processing\r\n`+"\n| \\r\\n\n", 3), "plain: 200 OK")
	refuses(t, fault.Informational{Status: 101}, "informational: status is 101, want one of 100, 102, 103")
	refuses(t, fault.Informational{Times: 1001}, "informational: times is 1001")
	undoesRaw(t, fault.Informational{}, func(t *testing.T, raw []byte, _ string) string {
		t.Helper()
		_, rest, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
		return wholeBody(t, rest, "")
	})
}
