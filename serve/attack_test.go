package serve_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

// attacked returns servers of HTTP/2: that of net/http, and the one that builds it from frames.
func attacked() map[string]fakeprovider.Fault {
	return map[string]fakeprovider.Fault{"net/http": fakeprovider.Healthy{}, "frames": fault.HTTP2GoAway{}}
}

// attacker connects by HTTP/2 and returns what writes frames. Nothing of what it is sent is kept.
func attacker(t *testing.T, r *rig) (*http2.Framer, net.Conn) {
	t.Helper()
	address := strings.TrimPrefix(r.urls[0], "https://")
	conn, err := (&tls.Dialer{
		Config: &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}},
	}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := conn.Write([]byte(http2.ClientPreface)); err != nil {
		t.Fatal(err)
	}
	framer := http2.NewFramer(conn, conn)
	if err := framer.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			if _, err := framer.ReadFrame(); err != nil {
				return
			}
		}
	}()
	return framer, conn
}

// requestHeaders is a block of headers that asks for a stream.
func requestHeaders(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := hpack.NewEncoder(&b)
	for _, f := range [][2]string{
		{":method", "POST"},
		{":scheme", "https"},
		{":authority", "localhost"},
		{":path", "/v1/chat/completions"},
		{"authorization", "Bearer sk-any"},
		{"content-type", "application/json"},
	} {
		if err := enc.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]}); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// survives plays an attack on each server. Meanwhile the process holds no more than it may, another
// client is served, and in the end it is as before.
func survives(t *testing.T, attack func(*testing.T, *http2.Framer)) {
	t.Helper()
	for name, entry := range attacked() {
		t.Run(name, func(t *testing.T) {
			o := only(entry)
			o.TLS, _ = certificate(t, "127.0.0.1", "localhost")
			r := onLoopback(t, o)
			trust(t, r, false)
			goroutines, memory, files := runtime.NumGoroutine(), held(), descriptors()
			framer, conn := attacker(t, r)
			attack(t, framer)
			if got := runtime.NumGoroutine() - goroutines; got > 1000 {
				t.Errorf("the attack holds %d goroutines, want a thousand at most", got)
			}
			if got := held() - memory; got > 64<<20 && !raceDetector {
				t.Errorf("the attack holds %d MB, want 64 at most", got>>20)
			}
			served := r.ask(t.Context(), t)
			served.Header.Set("X-Chaosrun-Fault", "healthy")
			if status, _, err := r.do(t, served); status != http.StatusOK || err != nil {
				t.Errorf("another client got %d, %v", status, err)
			}
			_ = conn.Close()
			r.client.CloseIdleConnections()
			until(t, "every exchange is over", func() bool { return r.Open() == 0 })
			until(t, "the goroutines end", func() bool { return runtime.NumGoroutine() <= goroutines+5 })
			until(t, "the descriptors are closed", func() bool { return descriptors() <= files+2 })
		})
	}
}

// TestRapidReset opens streams and takes each back at once, which costs the client nothing
// (https://www.cve.org/CVERecord?id=CVE-2023-44487).
func TestRapidReset(t *testing.T) { //nolint:paralleltest // it looks at the whole process
	headers := requestHeaders(t)
	const streams = 20_000
	survives(t, func(t *testing.T, framer *http2.Framer) {
		t.Helper()
		for i := range uint32(streams) {
			id := 2*i + 1
			if framer.WriteHeaders(http2.HeadersFrameParam{
				StreamID: id, BlockFragment: headers, EndHeaders: true,
			}) != nil ||
				framer.WriteRSTStream(id, http2.ErrCodeCancel) != nil {
				t.Logf("the server closed the connection at stream %d", i+1)
				return
			}
		}
	})
}

// TestContinuationFlood sends headers without an end
// (https://www.cve.org/CVERecord?id=CVE-2023-45288).
func TestContinuationFlood(t *testing.T) { //nolint:paralleltest // it looks at the whole process
	headers := requestHeaders(t)
	var b bytes.Buffer
	enc := hpack.NewEncoder(&b)
	for i := range 200 {
		err := enc.WriteField(hpack.HeaderField{
			Name: fmt.Sprintf("x-filler-%d", i), Value: strings.Repeat("v", 60), Sensitive: true,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	filler := b.Bytes()
	const most = 256 << 20
	survives(t, func(t *testing.T, framer *http2.Framer) {
		t.Helper()
		err := framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: headers})
		sent := 0
		for began := time.Now(); err == nil && sent < most && time.Since(began) < 20*time.Second; sent += len(filler) {
			err = framer.WriteContinuation(1, false, filler)
		}
		if err == nil {
			t.Errorf("after %d MB of headers the connection stands", sent>>20)
		}
	})
}
