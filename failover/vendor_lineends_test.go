package failover

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// However the bytes arrive, every line end is one LF, a byte order mark is gone, and nothing else
// changes.
func TestLineEnds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringMatching(`[a\r\n]{0,40}`).Draw(rt, "text")
		mark := rapid.SampledFrom([]string{"", byteOrderMark}).Draw(rt, "mark")
		size := rapid.IntRange(1, 5).Draw(rt, "the size of a read")
		want := strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
		in := mark + text
		for _, source := range []io.Reader{
			strings.NewReader(in), iotest.OneByteReader(strings.NewReader(in)),
			iotest.DataErrReader(strings.NewReader(in)),
		} {
			var got bytes.Buffer
			body := &lineEnds{ReadCloser: io.NopCloser(source)}
			if _, err := io.CopyBuffer(struct{ io.Writer }{&got}, body, make([]byte, size)); err != nil {
				rt.Fatal(err)
			}
			if got.String() != want {
				rt.Errorf("%q became %q, want %q", in, got.String(), want)
			}
		}
	})
}
