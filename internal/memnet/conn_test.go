package memnet_test

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/nettest"

	"github.com/chaosrun/chaosrun/internal/memnet"
)

// TestConn is the conformance suite for net.Conn. It waits real time inside, because it has no
// other.
func TestConn(t *testing.T) {
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		a, b := memnet.Pipe()
		return a, b, func() { _ = a.Close(); _ = b.Close() }, nil
	})
}

func TestListenerIsAListener(t *testing.T) {
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		n := memnet.New()
		l, err := n.Listen("x.test:1")
		if err != nil {
			return nil, nil, nil, err
		}
		if c1, err = n.DialContext(t.Context(), "tcp", "x.test:1"); err != nil {
			return nil, nil, nil, err
		}
		c2, err = l.Accept()
		return c1, c2, n.Close, err
	})
}

func read(t *testing.T, c net.Conn) (string, error) {
	t.Helper()
	b := make([]byte, 64)
	n, err := c.Read(b)
	return string(b[:n]), err
}

func write(t *testing.T, c net.Conn, s string) {
	t.Helper()
	if _, err := c.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
}

func TestWritesDoNotWaitForTheReader(t *testing.T) {
	a, b := memnet.Pipe()
	write(t, a, "one")
	write(t, a, "two")
	if got, err := read(t, b); got != "onetwo" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestFullBufferBlocksUntilRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := memnet.Pipe()
		if err := a.SetWriteDeadline(time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		n, err := a.Write(make([]byte, 1<<20))
		if !errors.Is(err, os.ErrDeadlineExceeded) || n == 0 || n >= 1<<20 {
			t.Fatalf("wrote %d of 1 MiB into a buffer that nobody reads: %v", n, err)
		}
		if err := a.SetWriteDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		go func() {
			time.Sleep(time.Minute)
			_, _ = io.CopyN(io.Discard, b, 100)
		}()
		start := time.Now()
		write(t, a, strings.Repeat("x", 100))
		if waited := time.Since(start); waited != time.Minute {
			t.Errorf("the write waited %s for room, want 1m", waited)
		}
	})
}

func TestCloseDeliversAndThenEnds(t *testing.T) {
	a, b := memnet.Pipe()
	write(t, a, "last words")
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := read(t, b); got != "last words" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	if _, err := read(t, b); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want io.EOF", err)
	}
	if _, err := b.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("write to a closed peer gave %v, want EPIPE", err)
	}
	if err := a.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("second close gave %v, want net.ErrClosed", err)
	}
}

func TestReset(t *testing.T) {
	a, b := memnet.Pipe()
	write(t, a, "arrived")
	if err := a.SetLinger(0); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Write([]byte("x")); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("write gave %v after a reset, want ECONNRESET", err)
	}
	if got, err := read(t, b); got != "arrived" || err != nil {
		t.Errorf("read %q, %v, want what had arrived before the reset", got, err)
	}
	if got, err := read(t, b); got != "" || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("read %q, %v after a reset, want ECONNRESET", got, err)
	}
	if _, err := a.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the resetter's own write gave %v, want net.ErrClosed", err)
	}
	if _, err := read(t, a); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the resetter's own read gave %v, want net.ErrClosed", err)
	}
}

func TestHalfClose(t *testing.T) {
	a, b := memnet.Pipe()
	if err := a.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := read(t, b); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want io.EOF", err)
	}
	write(t, b, "still here")
	if got, err := read(t, a); got != "still here" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	if _, err := a.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("write after CloseWrite gave %v, want EPIPE", err)
	}
}

// TestEndsWakeWhoWaits shows that who is blocked in a read or a write learns of an end at the
// instant it happens.
func TestEndsWakeWhoWaits(t *testing.T) {
	tests := map[string]struct {
		end         func(a, b *memnet.Conn) error // a ends, while b reads or writes
		read, write error
	}{
		"peer's reset": {
			func(a, _ *memnet.Conn) error { return errors.Join(a.SetLinger(0), a.Close()) }, syscall.ECONNRESET,
			syscall.ECONNRESET,
		},
		"peer's close": {func(a, _ *memnet.Conn) error { return a.Close() }, io.EOF, syscall.EPIPE},
		"own close":    {func(_, b *memnet.Conn) error { return b.Close() }, net.ErrClosed, net.ErrClosed},
		"passed deadline": {
			func(_, b *memnet.Conn) error { return b.SetDeadline(time.Unix(1, 0)) }, os.ErrDeadlineExceeded,
			os.ErrDeadlineExceeded,
		},
		"coming deadline": {
			func(_, b *memnet.Conn) error { return b.SetDeadline(time.Now()) }, os.ErrDeadlineExceeded,
			os.ErrDeadlineExceeded,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := memnet.Pipe()
				start := time.Now()
				var wg sync.WaitGroup
				ended := func(what string, err, want error) {
					if since := time.Since(start); since != time.Hour || !errors.Is(err, want) {
						t.Errorf("the %s ended after %s with %v, want 1h and %v", what, since, err, want)
					}
				}
				wg.Go(func() { _, err := b.Read(make([]byte, 1)); ended("read", err, test.read) })
				wg.Go(func() { _, err := b.Write(make([]byte, 1<<20)); ended("write", err, test.write) })
				time.Sleep(time.Hour)
				if err := test.end(a, b); err != nil {
					t.Error(err)
				}
				wg.Wait()
			})
		})
	}
}

func TestDeadlineCanBeMovedWhileSomebodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, b := memnet.Pipe()
		start := time.Now()
		if err := b.SetReadDeadline(start.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		go func() {
			time.Sleep(time.Second)
			if err := b.SetReadDeadline(start.Add(time.Hour)); err != nil {
				t.Error(err)
			}
		}()
		var timeout net.Error
		if _, err := read(t, b); !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("got %v, want a timeout", err)
		}
		if waited := time.Since(start); waited != time.Hour {
			t.Errorf("the read waited %s, want 1h", waited)
		}
	})
}

func TestNothingCanBeSetAfterClose(t *testing.T) {
	a, b := memnet.Pipe()
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"linger": a.SetLinger(0), "deadline": a.SetDeadline(time.Now()), "end": a.CloseWrite(),
	} {
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: got %v, want net.ErrClosed", what, err)
		}
	}
	if a.LocalAddr().String() != b.RemoteAddr().String() || a.LocalAddr().Network() == "" {
		t.Errorf("addresses %s and %s", a.LocalAddr(), b.RemoteAddr())
	}
}
