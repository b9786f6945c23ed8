package fault_test

import (
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestGzipStream(t *testing.T) {
	t.Parallel()
	shows(t, fault.GzipStream{}, `| Content-Encoding: gzip\r\n`, "= read: EOF", "plain: 200 OK")
	bounds(t, fault.GzipStream{})
	also(t, fault.GzipStream{Flush: "end"}, "@ 581.191ms\n| 1176\\r\\n\n| \\x1f\\x8b", "plain: 200 OK")
	refuses(t, fault.GzipStream{Flush: "never"}, `gzip-stream: flush is "never", want one of each, end`)
	undoesRaw(t, fault.GzipStream{}, func(t *testing.T, raw []byte, _ string) string {
		t.Helper()
		reader, err := gzip.NewReader(strings.NewReader(wholeBody(t, raw, "")))
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(reader)
		if err != nil {
			t.Error(err)
		}
		return string(data)
	})
}
