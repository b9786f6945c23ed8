package fault_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
)

// rawOf returns all that a raw client reads of a fault in virtual time.
func rawOf(t *testing.T, fault fakeprovider.Fault, p fakeprovider.Protocol, stream bool) (raw []byte) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { raw = rig.VirtualSite(t, fault, p, stream).Observe(t).BytesRead() })
	return raw
}

// response parses bytes with net/http: the head, the body as far as it can be read, and why
// no further.
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

// afterHead returns the bytes after the head, as they stand.
func afterHead(_ *testing.T, raw []byte, _ string) string {
	_, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	return string(body)
}

// undoesRaw lays an overlay over a healthy answer in every protocol, streamed and not, takes the
// damage away from the bytes of the whole response and wants the healthy body: what the overlay
// damages is the framing alone.
func undoesRaw(t *testing.T, overlay fakeprovider.Overlay, by func(t *testing.T, raw []byte, healthy string) string) {
	t.Helper()
	inEveryProtocol(t, fmt.Sprintf("undone %+v", overlay), func(t *testing.T, p fakeprovider.Protocol, stream bool) {
		t.Helper()
		healthy := wholeBody(t, rawOf(t, fakeprovider.Healthy{}, p, stream), "")
		if got := by(t, rawOf(t, overlay, p, stream), healthy); got != healthy {
			t.Errorf("without the damage it is\n%q\nand the healthy answer\n%q", got, healthy)
		}
	})
}

// wholeBody returns a body that can be read to its end.
func wholeBody(t *testing.T, raw []byte, _ string) string {
	t.Helper()
	_, body, err := response(t, raw)
	if err != nil {
		t.Error(err)
	}
	return body
}
