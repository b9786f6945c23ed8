package memnet_test

import (
	"errors"
	"io"
	"net"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/internal/memnet"
)

// A socket is what both kinds of connection offer to the fake providers.
type socket interface {
	net.Conn
	CloseWrite() error
	SetLinger(seconds int) error
}

var (
	_ socket = (*memnet.Conn)(nil)
	_ socket = (*net.TCPConn)(nil)
)

// TestLikeARealSocket plays the same ends on both kinds and compares what the peer gets. Linux
// only: other kernels drop what had arrived before a reset.
func TestLikeARealSocket(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other kernels order the end of a connection differently")
	}
	scripts := map[string]func(a, b socket) []string{
		"close after data": func(a, b socket) []string {
			return []string{put(a), end(a.Close()), arrive(), get(b), get(b)}
		},
		"half-close": func(a, b socket) []string {
			return []string{put(a), end(a.CloseWrite()), put(a), get(b), get(b), put(b), get(a)}
		},
		"reset after data": func(a, b socket) []string {
			return []string{put(a), end(a.SetLinger(0)), end(a.Close()), arrive(), get(b), get(b)}
		},
		"write to a reset": func(a, b socket) []string {
			return []string{end(a.SetLinger(0)), end(a.Close()), arrive(), put(b)}
		},
		"after the own close": func(a, _ socket) []string {
			return []string{
				end(a.Close()), end(a.Close()), put(a), get(a), end(a.CloseWrite()), end(a.SetLinger(0)),
				end(a.SetDeadline(time.Now())),
			}
		},
		"past deadline": func(a, b socket) []string {
			return []string{
				put(a), arrive(), end(b.SetDeadline(time.Unix(1, 0))), get(b), put(b), end(b.SetDeadline(time.Time{})),
				get(b),
			}
		},
		"nothing": func(a, b socket) []string {
			n, err := a.Write(nil)
			m, err2 := b.Read(nil)
			return []string{outcome("write", "", n, err), outcome("read", "", m, err2)}
		},
	}
	for name, script := range scripts {
		t.Run(name, func(t *testing.T) {
			a, b := memnet.Pipe()
			got := script(a, b)
			c, d := loopback(t)
			if diff := cmp.Diff(got, script(c, d)); diff != "" {
				t.Errorf("-in memory +on loopback:\n%s", diff)
			}
		})
	}
}

// arrive gives a real packet the time to cross the loopback interface, of which nobody gets word.
func arrive() string {
	time.Sleep(20 * time.Millisecond)
	return ""
}

func put(c net.Conn) string {
	n, err := c.Write([]byte("data"))
	return outcome("write", "", n, err)
}

func get(c net.Conn) string {
	b := make([]byte, 64)
	n, err := c.Read(b)
	return outcome("read", string(b[:max(n, 0)]), n, err)
}

func end(err error) string { return outcome("end", "", 0, err) }

// outcome says what an operation gave, in words that are the same for both kinds.
func outcome(what, data string, n int, err error) string {
	said := what + " " + data + " " + string(rune('0'+n))
	var timeout net.Error
	switch {
	case err == nil:
		return said + " ok"
	case errors.Is(err, io.EOF):
		return said + " EOF"
	case errors.Is(err, syscall.ECONNRESET):
		return said + " ECONNRESET"
	case errors.Is(err, syscall.EPIPE):
		return said + " EPIPE"
	case errors.Is(err, net.ErrClosed):
		return said + " closed"
	case errors.As(err, &timeout) && timeout.Timeout():
		return said + " timeout"
	}
	return said + " " + err.Error()
}

func loopback(t *testing.T) (a, b *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	dialed, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	a, b = dialed.(*net.TCPConn), accepted.(*net.TCPConn)
	t.Cleanup(func() { _ = a.Close(); _ = b.Close() })
	return a, b
}
