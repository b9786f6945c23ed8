package fault_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// rawOf is all that a raw client reads of a fault in virtual time.
func rawOf(t *testing.T, fault fakeprovider.Fault, p fakeprovider.Protocol, stream bool) (raw []byte) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { raw = rig.VirtualSite(t, fault, p, stream).Observe(t).BytesRead() })
	return raw
}

// response is what net/http makes of bytes: the head, the body as far as it could be read, and why no further.
func response(t *testing.T, raw []byte) (resp *http.Response, body string, err error) {
	t.Helper()
	resp, err = http.ReadResponse(bufio.NewReader(bytes.NewReader(raw)), &http.Request{Method: http.MethodPost})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	return resp, string(data), err
}

// afterHead are the bytes after the head, as they stand.
func afterHead(raw []byte) string {
	_, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	return string(body)
}

// undone says of each overlay of the HTTP level what is left of its response once the damage is taken away: the body of the same
// answer without it.
var undone = map[string]func(t *testing.T, raw []byte, healthy string) string{
	"limits-spent":      wholeBody,
	"buffered":          wholeBody,
	"trailer-error":     wholeBody,
	"oversized-headers": wholeBody,
	"length-and-chunks": wholeBody,
	"http10":            func(_ *testing.T, raw []byte, _ string) string { return afterHead(raw) },
	"length-too-long":   func(_ *testing.T, raw []byte, _ string) string { return afterHead(raw) },
	"length-too-short":  func(_ *testing.T, raw []byte, _ string) string { return afterHead(raw) },
	"informational": func(t *testing.T, raw []byte, _ string) string {
		t.Helper()
		_, rest, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
		return wholeBody(t, rest, "")
	},
	"gzip-stream": func(t *testing.T, raw []byte, _ string) string {
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
	},
	"chunk-garbage": func(t *testing.T, raw []byte, healthy string) string {
		t.Helper()
		before, after, _ := bytes.Cut(raw, []byte("bad\tsize\r\n"))
		_, body, err := response(t, raw)
		if err == nil || !strings.HasPrefix(healthy, body) {
			t.Errorf("%q, then %v", body, err)
		}
		piece := 0
		for rest := strings.TrimPrefix(healthy, body); piece < min(len(rest), len(after)) && rest[piece] == after[piece]; {
			piece++
		}
		return wholeBody(t, fmt.Appendf(bytes.Clone(before), "%x\r\n%s", piece, after), "")
	},
	"chunk-cut": func(t *testing.T, raw []byte, healthy string) string {
		t.Helper()
		_, body, err := response(t, raw)
		if err == nil || len(body) == 0 || len(body) >= len(healthy) || !strings.HasPrefix(healthy, body) {
			t.Errorf("%d bytes of %d, then %v", len(body), len(healthy), err)
		}
		return body + strings.TrimPrefix(healthy, body)
	},
}

// wholeBody is a body that can be read to its end.
func wholeBody(t *testing.T, raw []byte, _ string) string {
	t.Helper()
	_, body, err := response(t, raw)
	if err != nil {
		t.Error(err)
	}
	return body
}

// TestHTTPOverlaysLeaveTheAnswer plays each overlay under every protocol, streamed and not: what it damages is the framing alone.
func TestHTTPOverlaysLeaveTheAnswer(t *testing.T) {
	t.Parallel()
	tested := 0
	for _, info := range fault.All() {
		undo, ok := undone[info.Name]
		if !ok {
			continue
		}
		tested++
		for _, p := range protocol.All() {
			for _, stream := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s %s stream=%t", info.Name, p.Name(), stream), func(t *testing.T) {
					t.Parallel()
					healthy := wholeBody(t, rawOf(t, fakeprovider.Healthy{}, p, stream), "")
					if got := undo(t, rawOf(t, info.Default, p, stream), healthy); got != healthy {
						t.Errorf("without the damage it is\n%q\nand the healthy answer\n%q", got, healthy)
					}
				})
			}
		}
	}
	if tested != len(undone) {
		t.Errorf("%d overlays were tested, of %d", tested, len(undone))
	}
}

// TestWholeAnswerForStream wants the very answer that a client gets who asks for it.
func TestWholeAnswerForStream(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			t.Parallel()
			want, body, err := response(t, rawOf(t, fakeprovider.Healthy{}, p, false))
			if err != nil {
				t.Fatal(err)
			}
			got, same, err := response(t, rawOf(t, fault.WholeAnswerForStream{}, p, true))
			if err != nil || same != body || got.Header.Get("Content-Type") != want.Header.Get("Content-Type") {
				t.Errorf("got %s %s (%v), want %s %s", got.Header, same, err, want.Header, body)
			}
		})
	}
}

// TestLimitsSpentLeavesNothing wants no header of the vendor's that says that something remains.
func TestLimitsSpentLeavesNothing(t *testing.T) {
	t.Parallel()
	found := map[string]int{}
	for _, p := range protocol.All() {
		resp, _, err := response(t, rawOf(t, fault.LimitsSpent{}, p, true))
		if err != nil {
			t.Fatal(err)
		}
		for name, values := range resp.Header {
			if !strings.Contains(name, "Remaining") {
				continue
			}
			found[p.Name()]++
			if values[0] != "0" {
				t.Errorf("%s: %s: %s", p.Name(), name, values[0])
			}
		}
	}
	for _, name := range []string{"openai-chat", "openai-responses", "anthropic-messages", "azure-openai"} {
		if found[name] == 0 {
			t.Errorf("%s says nothing of what remains", name)
		}
	}
}

// TestHTTPFaultsAreOfConstantSize streams through each fault that writes the response itself, and looks at what stays in memory. It is
// not parallel, because others would count.
//
//nolint:paralleltest // others would count
func TestHTTPFaultsAreOfConstantSize(t *testing.T) {
	const (
		size  = 64 << 20
		piece = 64 << 10
		most  = 4 << 20
	)
	long := fakeprovider.Script{
		fakeprovider.Respond{}, fakeprovider.Repeat{Times: size / piece, Every: time.Microsecond, Steps: fakeprovider.Script{fakeprovider.Raw{Value: strings.Repeat("x", piece)}}},
	}
	tests := map[string]fakeprovider.Fault{
		"oversized-headers": fault.OversizedHeaders{Size: size, Every: time.Microsecond},
		"gzip-stream":       fakeprovider.Together{fault.GzipStream{}, long},
		"gzip-stream end":   fakeprovider.Together{fault.GzipStream{Flush: "end"}, long},
		"buffered":          fakeprovider.Together{fault.Buffered{}, long},
		"http10":            fakeprovider.Together{fault.HTTP10{}, long},
		"trailer-error":     fakeprovider.Together{fault.TrailerError{}, long},
		"length-too-long":   fakeprovider.Together{fault.LengthTooLong{Length: size * 2}, long},
	}
	for name, fault := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := rig.VirtualSite(t, fault, protocol.OpenAIChat{}, true)
				if read, more := drain(t, s, size/8); read < size || more > most {
					t.Errorf("%d bytes of %d came, and up to %d more were in use", read, size, more)
				}
			})
		})
	}
	t.Run("what is held is seen", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := rig.VirtualSite(t, fakeprovider.Together{fault.Buffered{Size: 4 * most}, long}, protocol.OpenAIChat{}, true)
			if _, more := drain(t, s, size/64); more < most {
				t.Errorf("%d bytes are held, and only %d are in use", 4*most, more)
			}
		})
	})
}

// drain reads all that comes, and looks at each step of so many bytes how much more memory is in use than before the first. Call
// it inside a bubble.
func drain(t *testing.T, s *rig.Site, step int) (read int, more uint64) {
	t.Helper()
	conn, err := s.Dial(t.Context(), "tcp", s.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := s.Request(t).Write(conn); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 64<<10)
	before := inUse()
	for next := step; err == nil; {
		var n int
		n, err = conn.Read(buffer)
		if read += n; read < next {
			continue
		}
		next += step
		synctest.Wait() // until the provider waits for its reader
		if now := inUse(); now > before {
			more = max(more, now-before)
		}
	}
	return read, more
}

// inUse is how many bytes of memory are reachable.
func inUse() uint64 {
	runtime.GC() //nolint:revive // what is reachable is what is asked for
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
