package caller

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func readAll(t *testing.T, stream string) []string {
	t.Helper()
	var all []string
	for events := newEvents(strings.NewReader(stream)); ; {
		e, err := events.next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e.name+"|"+e.data)
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		stream string
		want   []string
	}{
		"nothing":                  {"", nil},
		"one":                      {"data: a\n\n", []string{"|a"}},
		"a name":                   {"event: x\ndata: a\n\ndata: b\n\n", []string{"x|a", "|b"}},
		"a name without data":      {"event: x\n\ndata: b\n\n", []string{"|b"}},
		"CRLF":                     {"data: a\r\n\r\ndata: b\r\n\r\n", []string{"|a", "|b"}},
		"CR":                       {"data: a\r\rdata: b\r\r", []string{"|a", "|b"}},
		"a mixture":                {"data: a\r\n\ndata: b\n\r\n", []string{"|a", "|b"}},
		"many lines":               {"data: a\ndata:b\ndata\n\n", []string{"|a\nb\n"}},
		"comments":                 {": hello\n\n:\ndata: a\n: there\n\n", []string{"|a"}},
		"other fields":             {"id: 7\nretry: 5\ndata: a\n\n", []string{"|a"}},
		"a byte order mark":        {"\ufeffdata: a\n\n", []string{"|a"}},
		"no empty line at the end": {"data: a\n\ndata: b\n", []string{"|a"}},
		"no space, and two":        {"data:a\n\ndata:  b\n\n", []string{"|a", "| b"}},
	} {
		if diff := cmp.Diff(readAll(t, tt.stream), tt.want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", name, diff)
		}
	}
}

// FuzzEvents reads anything to its end: the data of no event has a line end other than LF, and a
// stream that is whole stays whole behind an empty line.
func FuzzEvents(f *testing.F) {
	for _, seed := range []string{"data: a\n\n", "event: x\r\ndata: a\r\r\n", "\ufeff:\r\rdata\ndata:\n\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, stream string) {
		for _, e := range readAll(t, stream) {
			if strings.Contains(e, "\r") {
				t.Errorf("an event has a line end in it: %q", e)
			}
		}
		whole := "data: a\n\n" + stream + "\n\ndata: b\n\n"
		if all := readAll(t, whole); len(all) < 2 || all[0] != "|a" || all[len(all)-1] != "|b" {
			t.Errorf("the first or the last event was lost: %q", all)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, value string
		want        time.Duration
	}{
		{"Retry-After", "5", 5 * time.Second},
		{"Retry-After", "0.5", 500 * time.Millisecond},
		{"Retry-After", "-5", 0},
		{"Retry-After", "soon", 0},
		{"Retry-After", "1e300", 0},
		{"Retry-After", "NaN", 0},
		{"Retry-After", "Mon, 01 Jan 1990 00:00:00 GMT", 0},
		{"Retry-After-Ms", "250", 250 * time.Millisecond},
		{"Retry-After-Ms", "-1", 0},
		{"X-Other", "5", 0},
	} {
		h := http.Header{}
		h.Set(tt.name, tt.value)
		if got := retryAfter(h); got != tt.want {
			t.Errorf("%s: %s: got %s, want %s", tt.name, tt.value, got, tt.want)
		}
	}
	at := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	if got := retryAfter(http.Header{"Retry-After": {at}}); got < 59*time.Minute || got > time.Hour {
		t.Errorf("%s: got %s, want an hour", at, got)
	}
}
